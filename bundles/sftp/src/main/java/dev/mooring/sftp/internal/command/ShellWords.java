package dev.mooring.sftp.internal.command;

import java.util.ArrayList;
import java.util.List;

/** Splits a command line into words by the quoting rules of sh (POSIX.1, Shell Command Language 2.2), and no other rules. */
final class ShellWords {

    private ShellWords() {}

    /**
     * Splits a line.
     *
     * @throws IllegalArgumentException if a quotation is not closed
     */
    static List<String> of(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean begun = false;
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0 && c == quote) {
                quote = 0;
            } else if (c == '\\' && quote != '\'') {
                i++;
                if (i == line.length()) {
                    throw new IllegalArgumentException("a backslash ends the line");
                }
                char next = line.charAt(i);
                if (quote == '"' && "$`\"\\\n".indexOf(next) < 0) {
                    word.append(c);
                }
                word.append(next);
                begun = true;
            } else if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
                begun = true;
            } else if (quote == 0 && " \t\n".indexOf(c) >= 0) {
                if (begun) {
                    words.add(word.toString());
                }
                word.setLength(0);
                begun = false;
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("the quotation that begins with " + quote + " is not closed");
        }
        if (begun) {
            words.add(word.toString());
        }
        return words;
    }
}
