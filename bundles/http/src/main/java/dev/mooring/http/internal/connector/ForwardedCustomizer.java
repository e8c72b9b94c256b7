package dev.mooring.http.internal.connector;

import dev.mooring.http.internal.message.ForwardedClient;
import java.net.SocketAddress;
import java.util.Objects;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Makes the client that a trusted proxy names the remote address of a request, before any handler sees it. */
final class ForwardedCustomizer implements HttpConfiguration.Customizer {

    private final ForwardedClient forwarded;

    ForwardedCustomizer(ForwardedClient forwarded) {
        this.forwarded = forwarded;
    }

    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders) {
        ConnectionMetaData direct = request.getConnectionMetaData();
        SocketAddress peer = direct.getRemoteSocketAddress();
        SocketAddress client = forwarded.find(peer, request.getHeaders());
        if (Objects.equals(peer, client)) {
            return request;
        }
        ConnectionMetaData announced = new ConnectionMetaData.Wrapper(direct) {
            @Override
            public @Nullable SocketAddress getRemoteSocketAddress() {
                return client;
            }
        };
        return new Request.Wrapper(request) {
            @Override
            public ConnectionMetaData getConnectionMetaData() {
                return announced;
            }
        };
    }
}
