package dev.mooring.sftp.internal.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShellWordsTest {

    @Test
    void lineIsSplitAsAShellSplitsIt() {
        assertEquals(List.of("md5sum", "a b", "c"), ShellWords.of(" md5sum  'a b' c "));
        assertEquals(List.of("a b", "it's", "\\x", "\"\\x"), ShellWords.of("a\\ b it\\'s '\\x' \"\\\"\\x\""));
        assertEquals(List.of("a", "", "bc"), ShellWords.of("a '' b'c'"));
        assertEquals(List.of(), ShellWords.of("  "));
        // Only spaces, tabs and newlines separate words. rclone does not quote other characters beyond ASCII.
        String name = "写真\u30001\u2003\u1680\u2028\u00a0.jpg";
        assertEquals(List.of("md5sum", name), ShellWords.of("md5sum\t" + name + "\n"));
    }

    @Test
    void nothingIsExpanded() {
        assertEquals(List.of("$HOME", "*", "`ls`", "~", "a;b"), ShellWords.of("$HOME * `ls` ~ a;b"));
    }

    @Test
    void unclosedQuotationIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> ShellWords.of("a 'b"));
        assertThrows(IllegalArgumentException.class, () -> ShellWords.of("a\\"));
    }
}
