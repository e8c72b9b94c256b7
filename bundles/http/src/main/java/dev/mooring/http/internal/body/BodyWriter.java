package dev.mooring.http.internal.body;

import dev.mooring.common.ClientText;
import dev.mooring.http.internal.message.Exchange;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.util.IteratingCallback;

/**
 * Writes a body without waiting for the client. The thread that completes the write of one piece produces the next. A client that does not read
 * occupies a buffer but no thread.
 */
public final class BodyWriter extends IteratingCallback {

    /** Declares the length unknown, even if all content fits into the first piece, because a HEAD response cannot know that. */
    public static final HttpField CHUNKED = new PreEncodedHttpField(HttpHeader.TRANSFER_ENCODING, "chunked");

    /** {@link #write} reads so many bytes at once, unless buffers are scarce. */
    public static final int AT_ONCE = BodyBuffers.LARGE;

    private static final Logger LOG = System.getLogger(BodyWriter.class.getName());

    private final Exchange exchange;
    private final Body body;
    private final ByteBuffer buffer = BodyBuffers.ALL.acquire();
    private boolean last;

    private BodyWriter(Exchange exchange, Body body) {
        this.exchange = exchange;
        this.body = body;
    }

    /**
     * Completes the exchange with a body, and closes the body at the end. The headers must be set, with a length or {@link #CHUNKED}.
     */
    public static void write(Exchange exchange, Body body) {
        new BodyWriter(exchange, body).iterate();
    }

    @Override
    protected Action process() throws IOException {
        if (last) {
            return Action.SUCCEEDED;
        }
        try {
            last = !body.read(buffer.clear());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0}: connection aborted: {1}", exchange, ClientText.sentence(e.getMessage()));
            throw e;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, exchange + ": connection aborted", ClientText.trace(e));
            throw e;
        }
        exchange.response().write(last, buffer.flip(), this);
        return Action.SCHEDULED;
    }

    @Override
    protected void onCompleteSuccess() {
        close(body);
        BodyBuffers.ALL.release(buffer);
        exchange.callback().succeeded();
    }

    /** Discards the buffer, because the failed write may still use it. */
    @Override
    protected void onCompleteFailure(Throwable cause) {
        close(body);
        BodyBuffers.ALL.discard(buffer);
        exchange.callback().failed(cause);
    }

    private static void close(Body body) {
        try {
            body.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "A body did not close cleanly; it was only read", ClientText.trace(e));
        }
    }
}
