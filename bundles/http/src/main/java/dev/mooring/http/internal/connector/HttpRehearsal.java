package dev.mooring.http.internal.connector;

import dev.mooring.protocol.Rehearsal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.eclipse.jetty.server.Server;

/** Sends requests of each kind to a server that is going to replace another. */
public final class HttpRehearsal {

    /**
     * Fewer if Jetty is compiled already, because the server that is replaced uses it too: clients waited no longer than with 30. With 3 they waited longer.
     */
    private static final int CONNECTIONS =
            Server.class.getClassLoader() == HttpRehearsal.class.getClassLoader() ? 100 : 20;

    private final Rehearsal rehearsal;
    private final String base;
    private final boolean secure;
    private final ByteBuffer received = ByteBuffer.allocate(1 << 16);

    /**
     * Prepares the requests.
     *
     * @param rehearsal the server
     * @param basePath the beginning of all paths, such as {@code /} or {@code /files}
     * @param secure whether the server has a certificate
     */
    public HttpRehearsal(Rehearsal rehearsal, String basePath, boolean secure) {
        this.rehearsal = rehearsal;
        base = basePath.endsWith("/") ? basePath : basePath + "/";
        this.secure = secure;
    }

    /**
     * Sends the requests.
     *
     * @throws IOException if the server does not send a file correctly
     */
    public void run() throws IOException {
        String last = "Connection: close\r\n";
        String small = request("GET", Rehearsal.SMALL, "");
        String several = small
                + request("HEAD", Rehearsal.SMALL, "")
                + request("GET", Rehearsal.SMALL, "Range: bytes=100-199\r\n")
                + request("GET", Rehearsal.SMALL, "If-None-Match: \"x\", \"y\"\r\nAccept-Encoding: gzip\r\n")
                + request("GET", "missing", "")
                + request("GET", "", "Accept: text/html\r\n")
                + request("GET", "file%200.txt", "Accept-Encoding: gzip, br\r\n")
                + small
                + request("GET", Rehearsal.SMALL, last);
        String large = request("GET", Rehearsal.LARGE, last);
        String one = request("GET", Rehearsal.SMALL, last);
        for (int i = 0; i < CONNECTIONS && rehearsal.goesOn(); i++) {
            check(send(one), Rehearsal.SMALL_SIZE);
            check(send(several), Rehearsal.SMALL_SIZE);
            if (i % 20 == 0) {
                check(send(large), Rehearsal.LARGE_SIZE);
            }
        }
    }

    private String request(String method, String path, String headers) {
        String login = rehearsal.user() + ":" + rehearsal.password();
        return method + " " + base + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
                + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.US_ASCII)) + "\r\n" + headers
                + "\r\n";
    }

    /** Sends requests, of which the last closes the connection. Returns the number of bytes received, -1 if the first response is not 200. */
    private long send(String requests) throws IOException {
        try (SocketChannel channel = rehearsal.connect();
                ByteChannel stream = secure ? rehearsal.secure(channel) : channel) {
            stream.write(ByteBuffer.wrap(requests.getBytes(StandardCharsets.US_ASCII)));
            long count = 0;
            boolean good = false;
            for (int read = stream.read(received.clear()); read >= 0; read = stream.read(received.clear())) {
                if (count == 0) {
                    String start =
                            StandardCharsets.ISO_8859_1.decode(received.flip()).toString();
                    good = start.startsWith("HTTP/1.1 200 ");
                }
                count += read;
            }
            return good ? count : -1;
        }
    }

    private static void check(long received, int size) throws IOException {
        if (received < size) {
            throw new IOException("a file was not sent correctly in the rehearsal");
        }
    }
}
