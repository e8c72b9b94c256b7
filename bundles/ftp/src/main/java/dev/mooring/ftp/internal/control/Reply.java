package dev.mooring.ftp.internal.control;

import java.util.List;

/** A reply to a command, with one or more lines (RFC 959 section 4.2). */
public record Reply(int code, List<String> lines) {

    public Reply(int code, String text) {
        this(code, List.of(text));
    }

    /** The reply as it is sent, with line ends. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            boolean last = i == lines.size() - 1;
            if (last) {
                text.append(code).append(' ');
            } else if (i == 0) {
                text.append(code).append('-');
            } else if (!lines.get(i).startsWith(" ")) {
                text.append(' ');
            }
            text.append(oneLine(lines.get(i))).append("\r\n");
        }
        return text.toString();
    }

    /** Replaces line breaks, which file names may contain, by question marks. */
    public static String oneLine(String text) {
        return text.replace('\r', '?').replace('\n', '?');
    }
}
