package dev.mooring.http.internal.content;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.mooring.http.internal.body.Body;
import dev.mooring.http.internal.body.BodyMemory;
import dev.mooring.http.internal.body.BodyWriter;
import dev.mooring.http.internal.body.FileBody;
import dev.mooring.http.internal.body.FileBody.Section;
import dev.mooring.http.internal.body.GzipBody;
import dev.mooring.http.internal.content.Representation.Content;
import dev.mooring.http.internal.message.ByteRanges;
import dev.mooring.http.internal.message.ContentDisposition;
import dev.mooring.http.internal.message.Exchange;
import dev.mooring.http.internal.message.Precondition;
import dev.mooring.share.Entry;
import dev.mooring.share.OpenFile;
import dev.mooring.share.Share;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.http.ByteRange;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.jspecify.annotations.Nullable;

/** Answers requests for files. */
public final class FileResponder {

    /** A new precompressed file is found after this time at the latest. */
    private static final long RECHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How often a file may be replaced between the lookup and the open. */
    private static final int MAX_ATTEMPTS = 5;

    private final Share share;
    private final boolean precompressed;
    private final RepresentationFinder representations;
    private final FileCache cache;
    private final RecentReads recent = new RecentReads();

    /**
     * Makes a responder for a share.
     *
     * @param share the share
     * @param gzip whether text is compressed on the fly
     * @param precompressed whether precompressed files are sent
     * @param cacheControl the value of {@code Cache-Control}; empty for none
     * @param cacheSize the memory for small files, in bytes
     */
    public FileResponder(Share share, boolean gzip, boolean precompressed, String cacheControl, long cacheSize) {
        this.share = share;
        this.precompressed = precompressed;
        this.representations = new RepresentationFinder(share, gzip, precompressed, cacheControl);
        this.cache = new FileCache(cacheSize);
    }

    /**
     * Answers from the cache, if the file is there and unchanged.
     *
     * @return whether the exchange is answered
     */
    public boolean sendFromMemory(Exchange exchange) {
        String query = exchange.request().getHttpURI().getQuery();
        if (query != null && query.contains("download") || exchange.headers().contains(HttpHeader.RANGE)) {
            return false;
        }
        ServedFile file = cache.get(exchange.request().getHttpURI().getPath());
        if (file == null || !isFresh(file)) {
            return false;
        }
        Representation chosen = file.choose(exchange.headers());
        Content content = chosen.content();
        if (content == null || !file.isCurrent(share, chosen)) {
            return false;
        }
        if (preconditionsHold(exchange, chosen)) {
            send(exchange, chosen, content);
        }
        return true;
    }

    /**
     * Answers with a file of a local file system that was read a moment ago, if it is unchanged. The system then still has it in memory, so this does not
     * wait for the disk.
     *
     * @return whether the exchange is answered
     */
    public boolean sendRecent(Exchange exchange) {
        ServedFile file = known(exchange);
        if (file == null || !file.local() || !recent.areFast()) {
            return false;
        }
        Representation chosen = file.choose(exchange.headers());
        if (chosen.compress() || chosen.source().size() > BodyWriter.AT_ONCE || !chosen.isRecent()) {
            return false;
        }
        long start = System.nanoTime();
        try {
            return sendKnown(exchange, file, chosen);
        } catch (IOException e) {
            return false; // the next attempt, which may wait for the disk, reports it
        } finally {
            recent.took(System.nanoTime() - start);
        }
    }

    /**
     * Answers with a file that is known but whose content is not cached, if it is unchanged. This opens the file without looking it up before.
     *
     * @return whether the exchange is answered
     * @throws IOException if the file cannot be read; the exchange is then not answered
     */
    public boolean sendKnown(Exchange exchange) throws IOException {
        ServedFile file = known(exchange);
        return file != null && sendKnown(exchange, file, file.choose(exchange.headers()));
    }

    private @Nullable ServedFile known(Exchange exchange) {
        HttpURI uri = exchange.request().getHttpURI();
        ServedFile file = uri.getQuery() == null ? cache.get(uri.getPath()) : null;
        return file != null && isFresh(file) ? file : null;
    }

    private boolean sendKnown(Exchange exchange, ServedFile file, Representation chosen) throws IOException {
        if (chosen.source() != file.entry() && !share.isCurrent(file.entry())) {
            return false;
        }
        OpenFile open;
        try {
            open = share.open(chosen.source().path());
        } catch (NoSuchFileException e) {
            return false;
        }
        if (!open.entry().isSameContent(chosen.source())) {
            open.close();
            return false;
        }
        sendOrClose(exchange, exchange.request().getHttpURI().getPath(), file, chosen, open, false);
        return true;
    }

    /**
     * Answers a request for a file.
     *
     * @param entry the file
     * @param attachment whether the client is to save the file instead of showing it
     * @throws IOException if the file cannot be read; the exchange is then not answered
     */
    public void send(Exchange exchange, Entry entry, boolean attachment) throws IOException {
        String path = exchange.request().getHttpURI().getPath();
        Entry found = entry;
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            ServedFile known = cache.get(path);
            ServedFile file = find(found, known);
            Representation chosen = file.choose(exchange.headers());
            OpenFile open = share.open(chosen.source().path());
            if (open.entry().isSameContent(chosen.source())) {
                if (file != known && file.settled()) {
                    cache.put(path, file);
                }
                sendOrClose(exchange, path, file, chosen, open, attachment);
                return;
            }
            open.close();
            found = share.entry(entry.path());
        }
        throw new IOException(entry.path() + " changes faster than it can be read");
    }

    /** Owns the open file. */
    private void sendOrClose(
            Exchange exchange, String path, ServedFile file, Representation chosen, OpenFile open, boolean attachment)
            throws IOException {
        try {
            send(exchange, path, file, chosen, open, attachment);
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
    }

    private ServedFile find(Entry entry, @Nullable ServedFile known) throws IOException {
        if (known != null && known.entry().equals(entry) && isFresh(known)) {
            return known;
        }
        return representations.of(entry, known);
    }

    private boolean isFresh(ServedFile file) {
        return !precompressed || System.nanoTime() - file.foundNanos() < RECHECK_NANOS;
    }

    /** Owns the open file, unless this throws. */
    private void send(
            Exchange exchange, String path, ServedFile file, Representation chosen, OpenFile open, boolean attachment)
            throws IOException {
        if (!preconditionsHold(exchange, chosen)) {
            open.close();
            return;
        }
        HttpFields.Mutable headers = exchange.response().getHeaders();
        if (attachment) {
            headers.add(
                    HttpHeader.CONTENT_DISPOSITION,
                    ContentDisposition.attachment(open.entry().name()));
        }
        Optional<List<ByteRange>> ranges = ranges(exchange, chosen);
        if (ranges.isPresent()) {
            sendRanges(exchange, chosen, open, ranges.get());
        } else if (chosen.isSmall()
                && (chosen.compress() || cache.wants(chosen.source().size()))) {
            Content content;
            try (open) {
                content = chosen.read(open);
            }
            if (file.settled()) {
                cache.put(path, file, chosen, content);
            }
            send(exchange, chosen, content);
        } else {
            sendLarge(exchange, chosen, file.identity(), open);
        }
    }

    /** Whether the content is to be sent. If the preconditions say no, this answers the exchange. */
    private static boolean preconditionsHold(Exchange exchange, Representation chosen) {
        switch (Precondition.of(exchange.headers(), chosen.tag(), chosen.modified())) {
            case MET -> {
                return true;
            }
            case NOT_MODIFIED -> {
                exchange.add(chosen.validators());
                exchange.sendNothing(HttpStatus.NOT_MODIFIED_304);
            }
            case FAILED -> exchange.error(HttpStatus.PRECONDITION_FAILED_412);
        }
        return false;
    }

    private static void send(Exchange exchange, Representation chosen, Content content) {
        exchange.add(chosen.fields());
        exchange.response().getHeaders().add(content.length());
        exchange.send(content.bytes().duplicate());
    }

    private static void sendLarge(Exchange exchange, Representation chosen, Representation identity, OpenFile open)
            throws IOException {
        HttpFields.Mutable headers = exchange.response().getHeaders();
        if (chosen.compress() && (exchange.isHead() || BodyMemory.reserve(BodyMemory.COMPRESSOR))) {
            exchange.add(chosen.fields());
            headers.add(BodyWriter.CHUNKED);
            sendBody(exchange, chosen, open, GzipBody::new);
        } else {
            exchange.add(chosen.compress() ? identity.fields() : chosen.fields());
            headers.add(new HttpField(
                    HttpHeader.CONTENT_LENGTH, Long.toString(chosen.source().size())));
            sendBody(exchange, chosen, open, UnaryOperator.identity());
        }
    }

    private static void sendBody(Exchange exchange, Representation chosen, OpenFile open, UnaryOperator<Body> coding)
            throws IOException {
        if (exchange.isHead()) {
            open.close();
            exchange.sendNothing(HttpStatus.OK_200);
        } else {
            Section whole = new Section(0, open.entry().size());
            BodyWriter.write(exchange, coding.apply(new FileBody(open, List.of(whole), chosen::wasRead)));
        }
    }

    private static Optional<List<ByteRange>> ranges(Exchange exchange, Representation chosen) {
        HttpFields headers = exchange.headers();
        return !exchange.isHead() && Precondition.rangeApplies(headers, chosen.tag(), chosen.modified())
                ? ByteRanges.of(headers.get(HttpHeader.RANGE), chosen.source().size())
                : Optional.empty();
    }

    private static void sendRanges(Exchange exchange, Representation chosen, OpenFile open, List<ByteRange> ranges)
            throws IOException {
        long size = chosen.source().size();
        HttpFields.Mutable headers = exchange.response().getHeaders();
        if (ranges.isEmpty()) {
            open.close();
            headers.put(HttpHeader.CONTENT_RANGE, ByteRange.toNonSatisfiableHeaderValue(size));
            exchange.error(HttpStatus.RANGE_NOT_SATISFIABLE_416);
            return;
        }
        List<Section> sections;
        exchange.add(chosen.fields());
        if (ranges.size() == 1) {
            ByteRange range = ranges.get(0);
            sections = List.of(new Section(range.first(), range.getLength()));
            headers.put(HttpHeader.CONTENT_RANGE, range.toHeaderValue(size));
        } else {
            String boundary = Long.toHexString(ThreadLocalRandom.current().nextLong());
            sections = parts(ranges, size, headers.get(HttpHeader.CONTENT_TYPE), boundary);
            headers.put(HttpHeader.CONTENT_TYPE, "multipart/byteranges; boundary=" + boundary);
        }
        headers.put(
                HttpHeader.CONTENT_LENGTH,
                sections.stream()
                        .mapToLong(section -> section.before().length + section.length())
                        .sum());
        exchange.response().setStatus(HttpStatus.PARTIAL_CONTENT_206);
        BodyWriter.write(exchange, new FileBody(open, sections));
    }

    /** The parts of a multipart/byteranges body (RFC 9110 section 14.6), and its closing delimiter. */
    private static List<Section> parts(List<ByteRange> ranges, long size, String type, String boundary) {
        List<Section> sections = new ArrayList<>();
        String separator = "--";
        for (ByteRange range : ranges) {
            String before = separator + boundary + "\r\nContent-Type: " + type + "\r\nContent-Range: "
                    + range.toHeaderValue(size) + "\r\n\r\n";
            sections.add(new Section(before.getBytes(US_ASCII), range.first(), range.getLength()));
            separator = "\r\n--";
        }
        sections.add(new Section((separator + boundary + "--\r\n").getBytes(US_ASCII), 0, 0));
        return sections;
    }
}
