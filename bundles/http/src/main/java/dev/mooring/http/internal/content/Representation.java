package dev.mooring.http.internal.content;

import dev.mooring.http.internal.message.Coding;
import dev.mooring.http.internal.message.EntityTag;
import dev.mooring.http.internal.message.Exchange;
import dev.mooring.share.Entry;
import dev.mooring.share.OpenFile;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.http.DateGenerator;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.jspecify.annotations.Nullable;

/** A representation of a file (RFC 9110 section 3.2), with its headers prepared. */
final class Representation {

    private static final int SMALL = 64 * 1024;
    private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final HttpField ACCEPT_RANGES = new PreEncodedHttpField(HttpHeader.ACCEPT_RANGES, "bytes");
    private static final HttpField VARY = new PreEncodedHttpField(HttpHeader.VARY, "Accept-Encoding");

    private final Entry source;
    private final Coding coding;
    private final boolean compress;
    private final EntityTag tag;
    private final boolean dated;
    private final List<HttpField> validators;
    private final List<HttpField> fields;
    private volatile @Nullable Content content;

    /** When the whole source was last read, in the time of {@link System#nanoTime}. */
    private volatile long readNanos = System.nanoTime() - RECENT_NANOS;

    /** The bytes of a small file in this representation. */
    record Content(ByteBuffer bytes, HttpField length) {
        Content(byte[] bytes) {
            this(ByteBuffer.wrap(bytes), new PreEncodedHttpField(HttpHeader.CONTENT_LENGTH, bytes.length));
        }
    }

    /**
     * Prepares the headers.
     *
     * @param source the file that contains the bytes
     * @param coding the coding of the response
     * @param compress whether the source must be compressed first
     * @param tag the tag of the response
     * @param type the media type of the uncoded content
     * @param cacheControl the value of {@code Cache-Control}; empty for none
     * @param varies whether the file has other representations
     */
    Representation(
            Entry source,
            Coding coding,
            boolean compress,
            EntityTag tag,
            String type,
            String cacheControl,
            boolean varies) {
        this.source = source;
        this.coding = coding;
        this.compress = compress;
        this.tag = tag;
        validators = new ArrayList<>();
        validators.add(new PreEncodedHttpField(HttpHeader.ETAG, tag.toString()));
        // A time in the future is not a validator: Last-Modified may not be later than Date (RFC 9110 section 8.8.2.1).
        dated = source.modified().toMillis() <= System.currentTimeMillis();
        if (dated) {
            validators.add(new PreEncodedHttpField(
                    HttpHeader.LAST_MODIFIED,
                    DateGenerator.formatDate(source.modified().toMillis())));
        }
        if (!cacheControl.isEmpty()) {
            validators.add(new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, cacheControl));
        }
        if (varies) {
            validators.add(VARY);
        }
        fields = new ArrayList<>(validators);
        fields.add(new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, type));
        fields.add(ACCEPT_RANGES);
        fields.add(Exchange.NO_SNIFFING);
        Coding encoding = ContentTypes.isGzipped(source.name()) ? Coding.GZIP : coding;
        if (encoding != Coding.IDENTITY) {
            fields.add(new PreEncodedHttpField(HttpHeader.CONTENT_ENCODING, encoding.token()));
        }
    }

    Entry source() {
        return source;
    }

    Coding coding() {
        return coding;
    }

    /** When the source was last modified, in milliseconds since 1970. */
    long modified() {
        return source.modified().toMillis();
    }

    /** Whether this is still the representation of a file that was found again. */
    boolean describes(@Nullable Entry found) {
        return source.equals(found) && dated && !tag.weak();
    }

    /** The whole source was read now. */
    void wasRead() {
        readNanos = System.nanoTime();
    }

    /** Whether the whole source was read within the last ten seconds. */
    boolean isRecent() {
        return System.nanoTime() - readNanos < RECENT_NANOS;
    }

    /** Whether the content may be cached. */
    boolean isSmall() {
        return source.size() <= SMALL;
    }

    /** Whether the source must be compressed first. */
    boolean compress() {
        return compress;
    }

    EntityTag tag() {
        return tag;
    }

    /** The headers that a 304 response has too (RFC 9110 section 15.4.5). */
    List<HttpField> validators() {
        return validators;
    }

    /** All headers except {@code Content-Length}. */
    List<HttpField> fields() {
        return fields;
    }

    /** The cached bytes; {@code null} if there are none. */
    @Nullable
    Content content() {
        return content;
    }

    /** Caches the bytes; with {@code null} forgets them. */
    void keep(@Nullable Content kept) {
        content = kept;
    }

    /**
     * Reads the bytes, unless they are cached. Does not cache them.
     *
     * @param open the source; the caller closes it
     */
    Content read(OpenFile open) throws IOException {
        Content known = content;
        if (known != null) {
            return known;
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) source.size());
        while (bytes.hasRemaining()) {
            if (open.channel().read(bytes) < 0) {
                throw new EOFException(source.path() + " was truncated while it was read");
            }
        }
        return new Content(compress ? gzip(bytes.array()) : bytes.array());
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(plain.length / 2);
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(plain);
        }
        return compressed.toByteArray();
    }
}
