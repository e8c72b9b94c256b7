package dev.mooring.http.internal;

import dev.mooring.share.Entry;
import dev.mooring.share.OpenFile;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.http.DateGenerator;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.jspecify.annotations.Nullable;

/** One of the forms that a file can be sent in (RFC 9110 section 3.2), with its headers made ready. */
final class Representation {

    private static final int SMALL = 64 * 1024;
    private static final HttpField ACCEPT_RANGES = new PreEncodedHttpField(HttpHeader.ACCEPT_RANGES, "bytes");
    private static final HttpField VARY = new PreEncodedHttpField(HttpHeader.VARY, "Accept-Encoding");

    private final Entry source;
    private final Coding coding;
    private final boolean compress;
    private final EntityTag tag;
    private final List<HttpField> validators;
    private final List<HttpField> fields;
    private volatile @Nullable Content content;

    /** The bytes of a small file in this form. */
    record Content(ByteBuffer bytes, HttpField length) {
        Content(byte[] bytes) {
            this(ByteBuffer.wrap(bytes), new PreEncodedHttpField(HttpHeader.CONTENT_LENGTH, bytes.length));
        }
    }

    /**
     * Makes the headers.
     *
     * @param source the file that the bytes come from
     * @param coding the coding that they are sent in
     * @param compress whether they have to be brought into it first
     * @param tag of the bytes that are sent
     * @param type the media type of what is coded
     * @param cacheControl the value of that header, empty for none
     * @param varies whether there are other forms
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
        // A time in the future would be later than Date (RFC 9110 section 8.8.2.1), and no validator.
        if (source.modified().toMillis() <= System.currentTimeMillis()) {
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

    /** Whether it is sent in one write, and kept in memory. */
    boolean isSmall() {
        return source.size() <= SMALL;
    }

    /** Whether the bytes of the source have to be brought into the coding first. */
    boolean compress() {
        return compress;
    }

    EntityTag tag() {
        return tag;
    }

    /** The headers that a 304 has too, RFC 9110 section 15.4.5. */
    List<HttpField> validators() {
        return validators;
    }

    /** All headers but the length. */
    List<HttpField> fields() {
        return fields;
    }

    /** The bytes, if they have been read and are kept. */
    @Nullable
    Content content() {
        return content;
    }

    /** Keeps what another form with the same tag has read. */
    void keep(@Nullable Content read) {
        content = read;
    }

    /**
     * Reads the bytes, if they are not here already.
     *
     * @param open the source, which the caller closes
     */
    void read(OpenFile open) throws IOException {
        if (content == null) {
            ByteBuffer bytes = ByteBuffer.allocate((int) source.size());
            while (bytes.hasRemaining()) {
                if (open.channel().read(bytes) < 0) {
                    throw new EOFException(source.path() + " was truncated while it was read");
                }
            }
            content = new Content(compress ? gzip(bytes.array()) : bytes.array());
        }
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(plain.length / 2);
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(plain);
        }
        return compressed.toByteArray();
    }
}
