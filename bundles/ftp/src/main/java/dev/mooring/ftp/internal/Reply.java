package dev.mooring.ftp.internal;

import java.util.List;

/** A reply to a command, of one line or more (RFC 959 section 4.2). */
record Reply(int code, List<String> lines) {

    Reply(int code, String text) {
        this(code, List.of(text));
    }

    /** The reply as it is sent, with the ends of its lines. */
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
            // A name may contain what would end the line.
            text.append(lines.get(i).replace('\r', '?').replace('\n', '?')).append("\r\n");
        }
        return text.toString();
    }
}
