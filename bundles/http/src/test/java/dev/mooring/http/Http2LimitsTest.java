package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.http.HttpSettings.Tls;
import dev.mooring.protocol.TestCertificates;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The limits of HTTP/2, see docs/explanation/limits.md. */
@Timeout(60)
class Http2LimitsTest {

    private static final int STREAMS = 128;

    // RFC 9113 sections 6 and 7
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int REFUSED_STREAM = 7;

    @TempDir
    Path directory;

    @TempDir
    Path root;

    private static void frame(DataOutputStream to, int type, int flags, int stream, byte[] payload) throws IOException {
        to.writeShort(payload.length >> 8);
        to.writeByte(payload.length);
        to.writeByte(type);
        to.writeByte(flags);
        to.writeInt(stream);
        to.write(payload);
    }

    /** RFC 7541: GET and https from the static table, then its names 4 (:path) and 1 (:authority) with a value. */
    private static byte[] get(String target) throws IOException {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        headers.write(new byte[] {(byte) 0x82, (byte) 0x87, 4, (byte) target.length()});
        headers.write(target.getBytes(StandardCharsets.US_ASCII));
        headers.write(new byte[] {1, 1, 'a'});
        return headers.toByteArray();
    }

    @Test
    void streamsBeyondTheLimitAreRefused() throws Exception {
        TestServer.write(root.resolve("hello.txt"), "hello");
        TestCertificates.make(directory, "one", "EC");
        HttpSettings settings = HttpSettings.builder()
                .tls(new Tls(directory.resolve("one.pem"), directory.resolve("one.key"), null))
                .build();
        try (TestServer server = new TestServer(root, settings);
                SSLSocket connection = (SSLSocket)
                        TestCertificates.trusting().getSocketFactory().createSocket("127.0.0.1", (int) server.port())) {
            SSLParameters parameters = connection.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            connection.setSSLParameters(parameters);
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(connection.getOutputStream()));
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            // Windows of one byte, so that no stream ends.
            frame(out, SETTINGS, 0, 0, new byte[] {0, INITIAL_WINDOW_SIZE, 0, 0, 0, 1});
            for (int i = 0; i <= STREAMS; i++) {
                frame(out, HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, get("/hello.txt"));
            }
            out.flush();
            DataInputStream in = new DataInputStream(connection.getInputStream());
            while (true) {
                int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
                int type = in.readUnsignedByte();
                in.readUnsignedByte();
                int stream = in.readInt();
                byte[] payload = in.readNBytes(length);
                if (type == RST_STREAM) {
                    assertEquals(2 * STREAMS + 1, stream);
                    assertEquals(REFUSED_STREAM, payload[3]);
                    return;
                }
            }
        }
    }
}
