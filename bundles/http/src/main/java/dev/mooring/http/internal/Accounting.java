package dev.mooring.http.internal;

import dev.mooring.protocol.Traffic;
import java.time.Duration;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Counts requests and what they were answered with, and writes them to the access log. */
final class Accounting extends Handler.Wrapper {

    /** Request attribute: the name of the account, where there is one. Type: {@code String}. */
    static final String USER = "dev.mooring.http.user";

    private final Traffic traffic;

    Accounting(Traffic traffic, Handler handler) {
        super(handler);
        this.traffic = traffic;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        traffic.begun();
        Request.addCompletionListener(request, failure -> completed(request, response));
        return super.handle(request, response, callback);
    }

    private void completed(Request request, Response response) {
        long bytes = Response.getContentBytesWritten(response);
        traffic.moved(bytes);
        traffic.ended();
        if (traffic.isLogged()) {
            traffic.log(
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
