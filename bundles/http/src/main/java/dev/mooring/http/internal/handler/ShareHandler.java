package dev.mooring.http.internal.handler;

import dev.mooring.common.ClientLog;
import dev.mooring.common.ClientText;
import dev.mooring.http.internal.content.FileResponder;
import dev.mooring.http.internal.listing.DirectoryResponder;
import dev.mooring.http.internal.message.Exchange;
import dev.mooring.http.internal.message.Query;
import dev.mooring.http.internal.message.RequestPath;
import dev.mooring.share.Entry;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Finds the target of a request. Files that are in memory are sent at once on the selector's thread; all other requests go to a thread that may wait
 * for the disk.
 */
public final class ShareHandler extends Handler.Abstract.NonBlocking {

    private static final Logger LOG = System.getLogger(ShareHandler.class.getName());
    private static final HttpField ALLOW = new PreEncodedHttpField(HttpHeader.ALLOW, "GET, HEAD, OPTIONS");

    private final ClientLog failures = new ClientLog(LOG);
    private final String name;
    private final Share share;
    private final SharePath base;
    private final FileResponder files;
    private final DirectoryResponder directories;

    /**
     * Makes the handler of a share.
     *
     * @param name the name of the server in the log
     * @param share the share
     * @param basePath the path, not percent-encoded, under which the root of the share is served
     * @param files answers requests for files of this share
     * @param directories answers requests for directories of this share
     */
    public ShareHandler(
            String name, Share share, String basePath, FileResponder files, DirectoryResponder directories) {
        this.name = name;
        this.share = share;
        this.base = SharePath.of(basePath);
        this.files = files;
        this.directories = directories;
    }

    Share share() {
        return share;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Exchange exchange = new Exchange(request, response, callback);
        String method = request.getMethod();
        if (HttpMethod.GET.is(method) || HttpMethod.HEAD.is(method)) {
            if (!files.sendFromMemory(exchange) && !files.sendRecent(exchange)) {
                request.getComponents().getExecutor().execute(() -> find(exchange));
            }
        } else {
            response.getHeaders().add(ALLOW);
            if (HttpMethod.OPTIONS.is(method)) {
                exchange.sendNothing(HttpStatus.NO_CONTENT_204);
            } else {
                exchange.error(HttpStatus.METHOD_NOT_ALLOWED_405);
            }
        }
        return true;
    }

    private void find(Exchange exchange) {
        try {
            if (files.sendKnown(exchange)) {
                return;
            }
            HttpURI uri = exchange.request().getHttpURI();
            RequestPath path = RequestPath.of(uri.getPath());
            Query query = new Query(uri.getQuery());
            Entry entry = share.entry(path.below(base));
            if (path.directory() && !entry.isDirectory()) {
                throw new NoSuchFileException(uri.getPath());
            }
            if (path.directory() != entry.isDirectory() || !path.canonical()) {
                exchange.redirect(path.encode(entry.isDirectory()) + query);
                return;
            }
            switch (entry.kind()) {
                case FILE -> files.send(exchange, entry, query.get("download") != null);
                case DIRECTORY -> directories.send(exchange, entry, query);
                case OTHER -> exchange.error(HttpStatus.FORBIDDEN_403);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            exchange.error(HttpStatus.NOT_FOUND_404);
        } catch (AccessDeniedException e) {
            exchange.error(HttpStatus.FORBIDDEN_403);
        } catch (HttpException.RuntimeException e) {
            exchange.error(e.getCode());
        } catch (FileSystemException e) {
            log(exchange, e);
            exchange.error(HttpStatus.INTERNAL_SERVER_ERROR_500);
        } catch (IOException e) {
            // The cause is not this file: the root of the share is missing, or the disk is unreadable.
            log(exchange, e);
            exchange.error(HttpStatus.SERVICE_UNAVAILABLE_503);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.log(Level.ERROR, name + ": " + exchange + " failed", ClientText.trace(e));
            exchange.error(HttpStatus.INTERNAL_SERVER_ERROR_500);
        }
    }

    private void log(Exchange exchange, IOException e) {
        failures.log(
                Level.WARNING,
                exchange.client(),
                () -> name + ": " + exchange + ": " + ClientText.sentence(e.getMessage()));
    }
}
