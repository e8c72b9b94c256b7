package dev.mooring.common;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Text for the log that may come from a client: a user name, a file name, a list of algorithms, or the message of an exception that quotes one of
 * them. It is percent-encoded (RFC 3986 section 2.1), so that it cannot end a line or field, control a terminal, or imitate a line of Mooring.
 *
 * <p>Wrap every such value in the log statement:
 *
 * <pre>{@code
 * LOG.log(Level.WARNING, "{0}: {1} cannot write: {2}", server, ClientText.of(path), ClientText.sentence(e.getMessage()));
 * }</pre>
 *
 * <p>Instances are immutable.
 */
public final class ClientText {

    /** Longer text is cut off. The value is the longest path of the kernel (PATH_MAX). */
    static final int LONGEST = 4096;

    private final String text;
    private final boolean sentence;

    private ClientText(@Nullable Object text, boolean sentence) {
        this.text = String.valueOf(text);
        this.sentence = sentence;
    }

    /**
     * Wraps a value, such as a name.
     *
     * @param value any object; {@code null} becomes the text {@code null}
     * @return the value for the log, encoded as by {@link #encode}
     */
    public static ClientText of(@Nullable Object value) {
        return new ClientText(value, false);
    }

    /**
     * Wraps a sentence that may quote a client, such as the message of an exception.
     *
     * @param text the sentence; {@code null} becomes the text {@code null}
     * @return the sentence for the log: encoded as by {@link #encode}, but with blanks, and with {@code =} encoded so that it has no
     *     {@code key=value}
     */
    public static ClientText sentence(@Nullable Object text) {
        return new ClientText(text, true);
    }

    /**
     * Wraps an exception whose messages may quote a client.
     *
     * @param failure the exception
     * @return a replacement for the log, with the same classes, frames and causes, and with messages encoded as by {@link #sentence}
     */
    public static Throwable trace(Throwable failure) {
        return new Trace(failure, 0);
    }

    /**
     * Percent-encodes everything but visible ASCII, and also {@code %}, {@code "} and {@code \}.
     *
     * @param value any text
     * @return the text in visible ASCII; {@code -} if it is empty
     */
    public static String encode(String value) {
        return encode(value, false, true, Integer.MAX_VALUE);
    }

    /**
     * Encodes a value that may already be percent-encoded, such as the target of an HTTP request.
     *
     * @param value any text
     * @return the text encoded as by {@link #encode}, except {@code %}
     */
    public static String encodeRest(String value) {
        return encode(value, false, false, Integer.MAX_VALUE);
    }

    private static String encode(String value, boolean sentence, boolean percent, int longest) {
        StringBuilder encoded = new StringBuilder(value.length());
        boolean cut = value.length() > longest;
        for (byte each : (cut ? value.substring(0, longest) : value).getBytes(StandardCharsets.UTF_8)) {
            boolean plain =
                    switch (each) {
                        case ' ' -> sentence;
                        case '=' -> !sentence;
                        case '%' -> !percent;
                        case '"', '\\' -> false;
                        default -> each > ' ' && each < 0x7f;
                    };
            if (plain) {
                encoded.append((char) each);
            } else {
                encoded.append(String.format("%%%02X", each));
            }
        }
        if (cut) {
            encoded.append("...");
        }
        return encoded.isEmpty() ? "-" : encoded.toString();
    }

    @Override
    public String toString() {
        return encode(text, sentence, true, LONGEST);
    }

    private static final class Trace extends Throwable {

        private static final long serialVersionUID = 1;
        private static final int DEEPEST = 16;

        private final String title;

        Trace(Throwable failure, int depth) {
            super(
                    null,
                    failure.getCause() == null || depth == DEEPEST ? null : new Trace(failure.getCause(), depth + 1),
                    false,
                    true);
            String message = failure.getLocalizedMessage();
            title = failure.getClass().getName() + (message == null ? "" : ": " + sentence(message));
            setStackTrace(failure.getStackTrace());
        }

        @Override
        public String toString() {
            return title;
        }
    }
}
