package dev.mooring.http.internal.listing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.share.Entry;
import dev.mooring.share.SharePath;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DirectoryJsonTest {

    private static final SortOrder BY_NAME = SortOrder.of(null, null);
    private static final FileTime TIME = FileTime.from(Instant.parse("2026-11-05T07:08:09.123456789Z"));

    @Test
    void arrayHasOneObjectForEachEntryInOrder() {
        Entry pipe = new Entry(SharePath.of("p"), Entry.Kind.OTHER, 0, TIME, null);
        assertEquals("""
                [
                {"name":"z","type":"directory","modified":"2026-11-05T07:08:09.123456789Z"},
                {"name":"a.txt","type":"file","size":5368709120,"modified":"2026-11-05T07:08:09.123456789Z"},
                {"name":"p","type":"other","modified":"2026-11-05T07:08:09.123456789Z"}
                ]
                """, json(pipe, file("a.txt", 5368709120L), directory("z")));
        assertEquals("[\n]\n", json());
    }

    @Test
    void namesAreEscaped() {
        assertTrue(json(file("a\"b\\c\n\u0001\u007f", 1)).contains("\"a\\\"b\\\\c\\u000A\\u0001\\u007F\""));
        assertTrue(json(file("\ud800x\udc00", 1)).contains("\"\\uD800x\\uDC00\""));
        assertTrue(json(file("é👧<", 1)).contains("\"é👧<\""));
    }

    @Test
    void extremeTimesAreWritten() {
        for (long days : new long[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            FileTime time = FileTime.from(days, TimeUnit.DAYS);
            Entry entry = new Entry(SharePath.of("a"), Entry.Kind.FILE, 1, time, null);
            assertTrue(json(entry).contains("modified"));
        }
    }

    private static String json(Entry... entries) {
        return new String(DirectoryJson.of(Arrays.asList(entries), BY_NAME), UTF_8);
    }

    private static Entry file(String name, long size) {
        return new Entry(SharePath.ROOT.resolve(name), Entry.Kind.FILE, size, TIME, null);
    }

    private static Entry directory(String name) {
        return new Entry(SharePath.ROOT.resolve(name), Entry.Kind.DIRECTORY, 0, TIME, null);
    }
}
