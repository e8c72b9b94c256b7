package dev.mooring.ftp.internal;

import java.util.function.Consumer;

/** A reply of any number of lines, which is sent in parts. Used by the owner of a session alone. */
final class LongReply {

    private static final int PART = 1 << 14;

    private final int code;
    private final Consumer<String> output;
    private final StringBuilder part = new StringBuilder();

    /**
     * Begins a reply.
     *
     * @param output takes the parts
     */
    LongReply(int code, String first, Consumer<String> output) {
        this.code = code;
        this.output = output;
        part.append(code).append('-');
        addLine(first);
    }

    void add(String line) {
        part.append(' ');
        addLine(line);
        if (part.length() > PART) {
            output.accept(part.toString());
            part.setLength(0);
        }
    }

    void end(String last) {
        part.append(code).append(' ');
        addLine(last);
        output.accept(part.toString());
    }

    private void addLine(String line) {
        part.append(Listed.printable(line)).append("\r\n");
    }
}
