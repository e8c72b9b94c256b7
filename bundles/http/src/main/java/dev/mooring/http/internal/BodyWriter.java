package dev.mooring.http.internal;

import dev.mooring.share.ClientText;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.util.IteratingCallback;

/**
 * Writes a body without ever waiting for the client: a piece is produced when the one before is gone, by whichever thread
 * learns of that. A client that does not read costs a buffer and no thread.
 */
final class BodyWriter extends IteratingCallback {

    /** Says that the length is not known, even where all fits into the first piece: HEAD could not tell. */
    static final HttpField CHUNKED = new PreEncodedHttpField(HttpHeader.TRANSFER_ENCODING, "chunked");

    private static final Logger LOG = System.getLogger(BodyWriter.class.getName());

    private final Exchange exchange;
    private final Body body;
    private final ByteBuffer buffer = BodyBuffers.ALL.take();
    private boolean last;

    private BodyWriter(Exchange exchange, Body body) {
        this.exchange = exchange;
        this.body = body;
    }

    /**
     * Completes the exchange with a body, which is closed in the end. The headers must be set, with a length or
     * {@link #CHUNKED}.
     */
    static void write(Exchange exchange, Body body) {
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
        BodyBuffers.ALL.giveBack(buffer);
        exchange.callback().succeeded();
    }

    /** The write that failed may still use the buffer. */
    @Override
    protected void onCompleteFailure(Throwable cause) {
        close(body);
        BodyBuffers.ALL.abandon(buffer);
        exchange.callback().failed(cause);
    }

    private static void close(Body body) {
        try {
            body.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "It was only read from", ClientText.trace(e));
        }
    }
}
