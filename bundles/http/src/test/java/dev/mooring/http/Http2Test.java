package dev.mooring.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.http.HttpSettings.Tls;
import dev.mooring.protocol.TestCertificates;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/2 frame by frame: its limits (see docs/explanation/limits.md), and its end. */
@Timeout(60)
class Http2Test {

    private static final int STREAMS = 128;

    // RFC 9113 sections 6 and 7
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int REFUSED_STREAM = 7;
    private static final int CANCEL = 8;

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
        return get(target, "");
    }

    /** The same with a cookie (name 32). */
    private static byte[] get(String target, String cookie) throws IOException {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        headers.write(new byte[] {(byte) 0x82, (byte) 0x87, 4});
        literal(headers, target);
        headers.write(1);
        literal(headers, "a");
        if (!cookie.isEmpty()) {
            // Without indexing, the name does not fit into the four bits of the first byte.
            headers.write(new byte[] {0xf, 32 - 0xf});
            literal(headers, cookie);
        }
        return headers.toByteArray();
    }

    /** A length with a prefix of seven bits, and the text without Huffman's code. */
    private static void literal(ByteArrayOutputStream to, String text) throws IOException {
        int left = text.length();
        if (left < 127) {
            to.write(left);
        } else {
            to.write(127);
            for (left -= 127; left >= 128; left >>= 7) {
                to.write(left & 127 | 128);
            }
            to.write(left);
        }
        to.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private record Frame(int type, int flags, int stream, byte[] payload) {}

    private static Frame read(DataInputStream in) throws IOException {
        int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        return new Frame(type, flags, in.readInt(), in.readNBytes(length));
    }

    private static Frame await(DataInputStream in, int type) throws IOException {
        Frame frame;
        do {
            frame = read(in);
            assertNotEquals(GOAWAY, frame.type, () -> "the connection ends");
        } while (frame.type != type);
        return frame;
    }

    private TestServer server() throws Exception {
        TestServer.write(root.resolve("hello.txt"), "hello");
        TestCertificates.make(directory, "one", "EC");
        return new TestServer(
                root,
                HttpSettings.builder()
                        .tls(new Tls(directory.resolve("one.pem"), directory.resolve("one.key"), null))
                        .build());
    }

    private static SSLSocket connect(TestServer server) throws Exception {
        SSLSocket connection = (SSLSocket)
                TestCertificates.trusting().getSocketFactory().createSocket("127.0.0.1", (int) server.port());
        SSLParameters parameters = connection.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        connection.setSSLParameters(parameters);
        return connection;
    }

    /** The beginning of a connection with windows of one byte, so that no stream ends. */
    private static DataOutputStream begin(SSLSocket connection) throws IOException {
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(connection.getOutputStream()));
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(out, SETTINGS, 0, 0, new byte[] {0, INITIAL_WINDOW_SIZE, 0, 0, 0, 1});
        return out;
    }

    @Test
    void streamsBeyondTheLimitAreRefused() throws Exception {
        try (TestServer server = server();
                SSLSocket connection = connect(server)) {
            DataOutputStream out = begin(connection);
            for (int i = 0; i <= STREAMS; i++) {
                frame(out, HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, get("/hello.txt"));
            }
            out.flush();
            Frame refusal = await(new DataInputStream(connection.getInputStream()), RST_STREAM);
            assertEquals(2 * STREAMS + 1, refusal.stream);
            assertEquals(REFUSED_STREAM, refusal.payload[3]);
        }
    }

    /** Browsers do so when a page with many pictures is left, or a map moved. */
    @Test
    void aConnectionSurvivesManyCancelledRequests() throws Exception {
        try (TestServer server = server();
                SSLSocket connection = connect(server)) {
            DataOutputStream out = begin(connection);
            int last = 1;
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < 100; i++, last += 2) {
                    frame(out, HEADERS, END_STREAM | END_HEADERS, last, get("/hello.txt"));
                }
                for (int i = last - 200; i < last; i += 2) {
                    frame(out, RST_STREAM, 0, i, new byte[] {0, 0, 0, CANCEL});
                }
            }
            frame(out, HEADERS, END_STREAM | END_HEADERS, last, get("/hello.txt"));
            out.flush();
            DataInputStream in = new DataInputStream(connection.getInputStream());
            while (await(in, DATA).stream != last) {
                // a response that was on its way
            }
        }
    }

    /** The state of the compression would be lost, and so the connection with all its requests. */
    @Test
    void onlyTheRequestWithLargeHeadersIsRefused() throws Exception {
        try (TestServer server = server();
                SSLSocket connection = connect(server)) {
            DataOutputStream out = begin(connection);
            frame(out, HEADERS, END_STREAM | END_HEADERS, 1, get("/hello.txt", "a".repeat(9000)));
            frame(out, HEADERS, END_STREAM | END_HEADERS, 3, get("/hello.txt", "a".repeat(7000)));
            out.flush();
            DataInputStream in = new DataInputStream(connection.getInputStream());
            int[] length = new int[2];
            Frame first = await(in, HEADERS);
            Frame second = await(in, HEADERS);
            for (Frame each : new Frame[] {first, second}) {
                length[each.stream / 2] = each.payload.length;
                // 200 is in the static table, 431 is not.
                assertEquals(each.stream == 3, each.payload[0] == (byte) 0x88, () -> "stream " + each.stream);
            }
            assertTrue(length[0] > 0 && length[1] > 0);
        }
    }

    /** Its first request may be on its way. */
    @Test
    void aDrainingServerAnswersTheFirstRequestOfAConnection() throws Exception {
        try (TestServer server = server();
                SSLSocket fresh = connect(server);
                SSLSocket busy = connect(server)) {
            DataOutputStream toFresh = begin(fresh);
            toFresh.flush();
            DataInputStream fromFresh = new DataInputStream(fresh.getInputStream());
            await(fromFresh, SETTINGS);
            DataOutputStream toBusy = begin(busy);
            frame(toBusy, HEADERS, END_STREAM | END_HEADERS, 1, get("/hello.txt"));
            toBusy.flush();
            DataInputStream fromBusy = new DataInputStream(busy.getInputStream());
            await(fromBusy, HEADERS);
            server.server().drain(Duration.ofSeconds(50), () -> {});
            Frame end = read(fromBusy);
            while (end.type != GOAWAY) {
                end = read(fromBusy);
            }
            assertEquals(1, end.payload[3], "the last stream that is answered");
            frame(toBusy, WINDOW_UPDATE, 0, 1, new byte[] {0, 0, 0, 100});
            toBusy.flush();
            Frame rest = read(fromBusy);
            while (rest.type != DATA || rest.payload.length < 2) {
                rest = read(fromBusy);
            }
            assertEquals("ello", new String(rest.payload, StandardCharsets.US_ASCII));

            frame(toFresh, HEADERS, END_STREAM | END_HEADERS, 1, get("/hello.txt"));
            toFresh.flush();
            Frame frame = read(fromFresh);
            while (frame.type != DATA) {
                frame = read(fromFresh);
            }
            assertEquals(1, frame.stream);
        }
    }

    /** The location of the redirect to a directory has the query of the request. */
    @Test
    void aLongRedirectDoesNotEndTheConnection() throws Exception {
        Files.createDirectory(root.resolve("dir"));
        try (TestServer server = server();
                SSLSocket connection = connect(server)) {
            DataOutputStream out = begin(connection);
            frame(out, HEADERS, END_STREAM | END_HEADERS, 1, get("/dir?" + "\"".repeat(7900)));
            out.flush();
            assertEquals(1, await(new DataInputStream(connection.getInputStream()), HEADERS).stream);
        }
    }
}
