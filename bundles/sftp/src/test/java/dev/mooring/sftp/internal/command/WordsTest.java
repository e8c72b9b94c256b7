package dev.mooring.sftp.internal.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class WordsTest {

    @Test
    void lineIsSplitAsAShellSplitsIt() {
        assertEquals(List.of("md5sum", "a b", "c"), Words.of(" md5sum  'a b' c "));
        assertEquals(List.of("a b", "it's", "\\x", "\"\\x"), Words.of("a\\ b it\\'s '\\x' \"\\\"\\x\""));
        assertEquals(List.of("a", "", "bc"), Words.of("a '' b'c'"));
        assertEquals(List.of(), Words.of("  "));
    }

    @Test
    void nothingIsExpanded() {
        assertEquals(List.of("$HOME", "*", "`ls`", "~", "a;b"), Words.of("$HOME * `ls` ~ a;b"));
    }

    @Test
    void quotationWithoutAnEndIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Words.of("a 'b"));
        assertThrows(IllegalArgumentException.class, () -> Words.of("a\\"));
    }
}
