package dev.mooring.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.InvalidPathException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharePathTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "//", ".", "/.", "./", "/././/"})
    void pathOfOnlySlashesAndDotsIsTheRoot(String untrusted) {
        SharePath path = SharePath.of(untrusted);
        assertEquals(SharePath.ROOT, path);
        assertTrue(path.isRoot());
        assertEquals(List.of(), path.names());
        assertEquals("", path.name());
        assertEquals("/", path.toString());
        assertSame(SharePath.ROOT, path.parent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "/a/b", "/a/b/", "//a///b//", "./a/./b/."})
    void extraSlashesAndDotsAreIgnored(String untrusted) {
        SharePath path = SharePath.of(untrusted);
        assertEquals(List.of("a", "b"), path.names());
        assertEquals("b", path.name());
        assertEquals("/a/b", path.toString());
        assertEquals(SharePath.of("a"), path.parent());
        assertSame(SharePath.ROOT, path.parent().parent());
        assertEquals(SharePath.ROOT.resolve("a").resolve("b"), path);
        assertEquals(SharePath.of("a/b").hashCode(), path.hashCode());
        assertFalse(path.isRoot());
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "/..", "../a", "a/..", "a/../b", "/a/b/../../..", "a\0b", "\0", "a/\0/b"})
    void dotDotAndNulAreRefused(String untrusted) {
        assertThrows(InvalidPathException.class, () -> SharePath.of(untrusted));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "/", "a/", "/a", "a\0"})
    void invalidNameCannotBeResolved(String name) {
        assertThrows(InvalidPathException.class, () -> SharePath.ROOT.resolve(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"...", "..a", "a..", "%2e%2e", "..\\..", "~", " ", "\n", "a b", "#%+?&", "日本", "\uD83D\uDE00"})
    void anyOtherNameIsUnchanged(String name) {
        assertEquals(List.of("dir", name), SharePath.of("/dir/" + name).names());
        assertEquals(name, SharePath.ROOT.resolve(name).name());
    }

    @Test
    void pathsWithDifferentNamesAreNotEqual() {
        assertFalse(SharePath.of("a").equals(SharePath.of("A")));
        assertFalse(SharePath.of("a/b").equals(SharePath.of("a")));
    }
}
