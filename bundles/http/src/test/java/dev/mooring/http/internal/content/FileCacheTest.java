package dev.mooring.http.internal.content;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.http.internal.content.Representation.Content;
import dev.mooring.http.internal.message.Coding;
import dev.mooring.http.internal.message.EntityTag;
import dev.mooring.share.Entry;
import dev.mooring.share.SharePath;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileCacheTest {

    private static ServedFile file() {
        return file(10_000);
    }

    /** A file that takes a little more memory than its size in bytes. */
    private static ServedFile file(long size) {
        Entry entry = new Entry(SharePath.of("/a"), Entry.Kind.FILE, size, FileTime.fromMillis(0), null);
        EntityTag tag = EntityTag.of("default", entry, Coding.IDENTITY, true);
        Representation form = new Representation(entry, Coding.IDENTITY, false, tag, "text/plain", "", false);
        form.keep(new Content(new byte[(int) size]));
        return new ServedFile(entry, List.of(form), true, true, 0);
    }

    private static boolean hasContent(FileCache cache, String path) {
        ServedFile file = cache.get(path);
        return file != null && file.identity().content() != null;
    }

    @Test
    void lastVersionIsFound() {
        FileCache cache = new FileCache(100_000);
        ServedFile second = file();
        cache.put("/a", file());
        cache.put("/a", second);

        assertSame(second, cache.get("/a"));
        assertNull(cache.get("/b"));
    }

    @Test
    void contentOfUnusedFilesIsEvictedFirst() {
        FileCache cache = new FileCache(35_000);
        cache.put("/1", file());
        cache.put("/2", file());
        cache.put("/3", file());
        cache.get("/1");

        cache.put("/4", file());

        assertTrue(hasContent(cache, "/1"));
        assertNotNull(cache.get("/2"), "what was found out about it stays");
        assertFalse(hasContent(cache, "/2"));
        assertTrue(hasContent(cache, "/3"));
        assertTrue(hasContent(cache, "/4"));
    }

    @Test
    void replacingAFileTakesNoExtraRoom() {
        FileCache cache = new FileCache(35_000);
        cache.put("/1", file());
        for (int i = 0; i < 100; i++) {
            cache.put("/2", file());
        }

        assertNotNull(cache.get("/1"));
    }

    @Test
    void usedFilesAreEvictedToo() {
        FileCache cache = new FileCache(35_000);
        for (int i = 0; i < 100; i++) {
            cache.put("/" + i, file());
            assertNotNull(cache.get("/" + i));
        }

        assertNull(cache.get("/0"));
        assertNotNull(cache.get("/99"));
    }

    @Test
    void contentsDoNotReplaceEachOtherAllTheTime() {
        FileCache cache = new FileCache(35_000);
        assertTrue(cache.wants(10_000));
        assertFalse(cache.wants(40_000));
        for (int i = 0; i < 3; i++) {
            cache.put("/" + i, file());
        }
        int wanted = 0;
        for (int i = 0; i < 12_800; i++) {
            wanted += cache.wants(10_000) ? 1 : 0;
        }
        assertTrue(wanted > 0 && wanted < 1_000, wanted + " of 12800");
    }

    @Test
    void keptContentCountsAgainstTheLimit() {
        FileCache cache = new FileCache(35_000);
        for (int i = 0; i < 10; i++) {
            ServedFile file = file(0);
            cache.put("/" + i, file);
            cache.put("/" + i, file, file.identity(), new Content(new byte[10_000]));
        }
        int contents = 0;
        for (int i = 0; i < 10; i++) {
            contents += hasContent(cache, "/" + i) ? 1 : 0;
        }
        assertTrue(contents > 0 && contents <= 3, contents + " contents");
    }

    @Test
    void fileLargerThanTheCacheIsNotKept() {
        FileCache cache = new FileCache(5_000);
        cache.put("/a", file());

        assertNull(cache.get("/a"));
    }

    @Test
    void fileThatHasOutgrownTheCacheTakesNoRoom() {
        FileCache cache = new FileCache(25_000);
        cache.put("/1", file(10_000));

        cache.put("/1", file(30_000));
        cache.put("/2", file(10_000));
        cache.put("/3", file(10_000));

        assertNull(cache.get("/1"));
        assertNotNull(cache.get("/2"));
        assertNotNull(cache.get("/3"));
    }
}
