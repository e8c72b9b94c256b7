package dev.mooring.ftp.internal.control;

import java.util.function.Consumer;

/** A reply of any number of lines, sent in parts. Only the owner of the session uses it. */
public final class LongReply {

    private static final int PART_LENGTH = 1 << 14;

    private final int code;
    private final Consumer<String> output;
    private final StringBuilder part = new StringBuilder();

    /**
     * Starts a reply.
     *
     * @param output receives the parts
     */
    public LongReply(int code, String first, Consumer<String> output) {
        this.code = code;
        this.output = output;
        part.append(code).append('-');
        addLine(first);
    }

    /** Adds a line, and sends a part when it is long enough. */
    public void add(String line) {
        part.append(' ');
        addLine(line);
        if (part.length() > PART_LENGTH) {
            output.accept(part.toString());
            part.setLength(0);
        }
    }

    /** Sends the last line. */
    public void end(String last) {
        part.append(code).append(' ');
        addLine(last);
        output.accept(part.toString());
    }

    private void addLine(String line) {
        part.append(Reply.oneLine(line)).append("\r\n");
    }
}
