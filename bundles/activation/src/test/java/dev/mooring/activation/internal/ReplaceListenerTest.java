package dev.mooring.activation.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A server that binds itself serves a named socket. JavaServersIT does the same with inherited sockets, and in an opened JDK. */
class ReplaceListenerTest {

    @Test
    void theSocketOutlivesTheServersThatServeIt() throws Exception {
        NamedSocket socket =
                NamedSockets.bind(List.of("http=127.0.0.1:0")).all().get(0);
        for (String each : List.of("first", "second")) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            socket.replaceListener(server.getAddress());
            server.createContext("/", exchange -> {
                exchange.getResponseHeaders().set("Server", each);
                exchange.sendResponseHeaders(204, -1);
            });
            server.start();
            try {
                HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + socket.port() + "/"))
                        .build();
                assertEquals(
                        each,
                        HttpClient.newHttpClient()
                                .send(request, BodyHandlers.discarding())
                                .headers()
                                .firstValue("Server")
                                .orElseThrow());
            } finally {
                server.stop(0);
            }
        }
    }

    @Test
    void anAddressAtWhichNothingListensIsReported() throws IOException {
        NamedSocket socket =
                NamedSockets.bind(List.of("http=127.0.0.1:0")).all().get(0);
        SocketAddress bound;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            bound = closed.getLocalSocketAddress();
        }
        assertEquals(
                "0 sockets of this process listen at " + bound
                        + ", not 1; bind the server to port 0 of the loopback address and pass the address that it then has",
                assertThrows(IOException.class, () -> socket.replaceListener(bound))
                        .getMessage());
    }
}
