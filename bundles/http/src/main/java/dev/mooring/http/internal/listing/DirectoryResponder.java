package dev.mooring.http.internal.listing;

import dev.mooring.http.internal.body.BodyMemory;
import dev.mooring.http.internal.body.BodyWriter;
import dev.mooring.http.internal.content.FileResponder;
import dev.mooring.http.internal.message.ContentDisposition;
import dev.mooring.http.internal.message.Exchange;
import dev.mooring.http.internal.message.Query;
import dev.mooring.share.Entry;
import dev.mooring.share.Share;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.jspecify.annotations.Nullable;

/** Answers requests for directories. */
public final class DirectoryResponder {

    private static final HttpField ZIP = new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, "application/zip");
    private static final HttpField NO_REFERRER = new PreEncodedHttpField("Referrer-Policy", "no-referrer");

    private final Share share;
    private final FileResponder files;
    private final String basePath;
    private final String index;
    private final boolean listing;
    private final HttpField cacheControl;

    /**
     * Makes a responder for a share.
     *
     * @param share the share
     * @param files sends index files
     * @param basePath the path, not percent-encoded, under which the root of the share is served
     * @param index the name of index files; empty for none
     * @param listing whether directories without an index are listed
     * @param cacheControl the value of {@code Cache-Control}
     */
    public DirectoryResponder(
            Share share, FileResponder files, String basePath, String index, boolean listing, String cacheControl) {
        this.share = share;
        this.files = files;
        this.basePath = basePath;
        this.index = index;
        this.listing = listing;
        this.cacheControl = new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, cacheControl);
    }

    /**
     * Answers a request for a directory: with its index, a zip, a page or JSON.
     *
     * @param directory the directory
     * @param query the query of the request
     * @throws IOException if the directory cannot be read; the exchange is then not answered
     */
    public void send(Exchange exchange, Entry directory, Query query) throws IOException {
        boolean zip = "zip".equals(query.get("download"));
        Entry page = zip ? null : index(directory);
        if (page != null) {
            files.send(exchange, page, false);
        } else if (!listing) {
            exchange.error(HttpStatus.FORBIDDEN_403);
        } else if (zip) {
            sendZip(exchange, directory);
        } else {
            sendPage(exchange, directory, SortOrder.of(query.get("sort"), query.get("order")));
        }
    }

    private @Nullable Entry index(Entry directory) throws IOException {
        if (index.isEmpty()) {
            return null;
        }
        try {
            Entry page = share.entry(directory.path().resolve(index));
            return page.kind() == Entry.Kind.FILE ? page : null;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private void sendPage(Exchange exchange, Entry directory, SortOrder order) throws IOException {
        boolean json = Exchange.prefersJson(exchange.request());
        byte[] page;
        try (BodyMemory.Growing memory = new BodyMemory.Growing()) {
            List<Entry> entries = ReservedEntries.of(share, directory, memory);
            page = json
                    ? DirectoryJson.of(entries, order)
                    : DirectoryPage.html(directory.path(), basePath, entries, order, share.name());
        } catch (BodyMemory.ExhaustedException e) {
            exchange.busy();
            return;
        }
        if (!BodyMemory.reserve(page.length)) {
            exchange.busy();
            return;
        }
        HttpFields.Mutable headers = exchange.response().getHeaders();
        headers.add(Exchange.VARY_ACCEPT)
                .add(cacheControl)
                .add(Exchange.NO_SNIFFING)
                .add(NO_REFERRER)
                .add(DirectoryPage.POLICY)
                .add(json ? Exchange.JSON : Exchange.HTML);
        headers.put(HttpHeader.CONTENT_LENGTH, page.length);
        exchange.whenComplete(() -> BodyMemory.release(page.length)).send(ByteBuffer.wrap(page));
    }

    private void sendZip(Exchange exchange, Entry directory) throws IOException {
        if (!BodyMemory.reserve(BodyMemory.ZIP)) {
            exchange.busy();
            return;
        }
        ZipBody zip;
        try {
            zip = new ZipBody(share, directory);
        } catch (BodyMemory.ExhaustedException e) {
            BodyMemory.release(BodyMemory.ZIP);
            exchange.busy();
            return;
        } catch (IOException | RuntimeException e) {
            BodyMemory.release(BodyMemory.ZIP);
            throw e;
        }
        String name = (directory.path().isRoot() ? share.name() : directory.name()) + ".zip";
        HttpFields.Mutable headers = exchange.response().getHeaders();
        headers.add(ZIP).add(cacheControl).add(Exchange.NO_SNIFFING).add(BodyWriter.CHUNKED);
        headers.put(HttpHeader.CONTENT_DISPOSITION, ContentDisposition.attachment(name));
        if (exchange.isHead()) {
            zip.close();
            exchange.sendNothing(HttpStatus.OK_200);
        } else {
            BodyWriter.write(exchange, zip);
        }
    }
}
