package dev.mooring.http.internal.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.share.Entry;
import dev.mooring.share.SharePath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EntityTagTest {

    private static String tag(String share, Object key) {
        Entry entry = new Entry(SharePath.of("/f"), Entry.Kind.FILE, 7, FileTime.fromMillis(1_000_000), key);
        return EntityTag.of(share, entry, Coding.IDENTITY, true).opaque();
    }

    private static Object key(Path file) throws Exception {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /** On NFS and CephFS each machine has a device number of its own for a mount. The inode comes from the file server. */
    @Test
    void tagDoesNotDependOnTheDevice(@TempDir Path directory) throws Exception {
        String key = key(Files.createFile(directory.resolve("f"))).toString();
        String elsewhere = key.replaceFirst("dev=[0-9a-f]+", "dev=abc0123");

        assertNotEquals(key, elsewhere);
        assertEquals(tag("default", key), tag("default", elsewhere));
    }

    /** Tools such as tar give a file of another version the same modification time. */
    @Test
    void tagChangesWithTheTimeOfTheLastChangeOfAnyKind() {
        FileTime time = FileTime.fromMillis(1_000_000);
        Entry one = new Entry(SharePath.of("/f"), Entry.Kind.FILE, 7, time, "key", FileTime.fromMillis(2_000_000));
        Entry two = new Entry(SharePath.of("/f"), Entry.Kind.FILE, 7, time, "key", FileTime.fromMillis(2_000_001));

        assertNotEquals(
                EntityTag.of("default", one, Coding.IDENTITY, true),
                EntityTag.of("default", two, Coding.IDENTITY, true));
        assertFalse(EntityTag.settled(one, 2_001_000));
        assertTrue(EntityTag.settled(one, 2_002_000));
    }

    @Test
    void filesOfOneTimeAndSizeHaveDifferentTags(@TempDir Path directory) throws Exception {
        Object one = key(Files.createFile(directory.resolve("one")));
        Object two = key(Files.createFile(directory.resolve("two")));

        assertNotEquals(tag("default", one), tag("default", two));
        assertNotEquals(tag("default", one), tag("other", one));
    }
}
