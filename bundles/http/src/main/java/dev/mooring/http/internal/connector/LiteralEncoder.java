package dev.mooring.http.internal.connector;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Locale;
import org.eclipse.jetty.http.HttpFieldPreEncoder;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Encodes headers for HTTP/2 as literals (RFC 7541 section 6.2.2). It replaces Jetty's encoder in the bundle, because that one builds all HPACK
 * tables for the first header, which takes 45 ms of a start even without TLS.
 */
public final class LiteralEncoder implements HttpFieldPreEncoder {

    private static final int MAX_PREFIX = 0x7f;

    @Override
    public HttpVersion getHttpVersion() {
        return HttpVersion.HTTP_2;
    }

    @Override
    public byte[] getEncodedField(@Nullable HttpHeader header, String name, String value) {
        ByteArrayOutputStream field = new ByteArrayOutputStream(name.length() + value.length() + 3);
        field.write(0);
        literal(field, name.toLowerCase(Locale.ROOT));
        literal(field, value);
        return field.toByteArray();
    }

    /** Appends a string without Huffman coding (RFC 7541 sections 5.1 and 5.2). */
    private static void literal(ByteArrayOutputStream field, String text) {
        int length = text.length();
        if (length < MAX_PREFIX) {
            field.write(length);
        } else {
            field.write(MAX_PREFIX);
            for (length -= MAX_PREFIX; length > MAX_PREFIX; length >>>= 7) {
                field.write(length & MAX_PREFIX | 0x80);
            }
            field.write(length);
        }
        field.writeBytes(text.getBytes(ISO_8859_1));
    }
}
