package dev.mooring.http.internal.connector;

import dev.mooring.http.internal.connector.SocketConnector.ClientEndPoint;
import dev.mooring.protocol.ServerMetrics;
import java.time.Duration;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Counts requests and responses, and writes the access log. While the server drains, it adds {@code Connection: close} to every response. Jetty's
 * own shutdown would also close connections whose last response had no such header, although another request may be on its way.
 */
public final class MetricsHandler extends Handler.Wrapper {

    /** Request attribute: the name of the account, if the client has logged in. Type: {@code String}. */
    public static final String USER = "dev.mooring.http.user";

    private final ServerMetrics metrics;
    private volatile boolean draining;

    public MetricsHandler(ServerMetrics metrics, Handler handler) {
        super(handler);
        this.metrics = metrics;
    }

    /** Makes every response from now on the last of its connection. Returns {@code false} if the server already drains. */
    public boolean drain() {
        boolean begins = !draining;
        draining = true;
        return begins;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        metrics.begun();
        ClientEndPoint client = SocketConnector.endPoint(request);
        client.requestBegun();
        if (draining) {
            response.getHeaders().put(HttpFields.CONNECTION_CLOSE);
            client.endHttp2();
        }
        Request.addCompletionListener(request, failure -> {
            client.requestEnded();
            completed(request, response);
        });
        if (SecureProtocols.hasTooLargeHeaders(request)) {
            Response.writeError(request, response, callback, HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431);
            return true;
        }
        return super.handle(request, response, client.resetUnlessComplete(request, callback));
    }

    private void completed(Request request, Response response) {
        long bytes = Response.getContentBytesWritten(response);
        metrics.moved(bytes);
        metrics.ended();
        if (metrics.isLogged()) {
            metrics.log(
                    request.getConnectionMetaData().getRemoteSocketAddress(),
                    (String) request.getAttribute(USER),
                    request.getMethod(),
                    request.getHttpURI().getPathQuery(),
                    request.getConnectionMetaData().getProtocol(),
                    response.getStatus(),
                    bytes,
                    Duration.ofNanos(System.nanoTime() - request.getBeginNanoTime()));
        }
    }
}
