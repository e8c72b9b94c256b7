package dev.mooring.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/** An HTTP client that sends requests unchanged, over sockets of any family. */
public final class Client {

    private final SocketAddress address;

    /** Makes a client for one address. */
    public Client(SocketAddress address) {
        this.address = address;
    }

    /**
     * A response.
     *
     * @param status the status
     * @param headers the headers, by case-insensitive name; repeated headers are joined
     * @param body the content
     * @param complete whether all content has arrived
     */
    public record Answer(int status, Map<String, String> headers, byte[] body, boolean complete) {

        /** The value of a header; empty if it is missing. */
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }

        /** The content as UTF-8. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** The content as UTF-8, after decompression. */
        public String unzipped() throws IOException {
            return new String(
                    new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The address of the server. */
    public SocketAddress address() {
        return address;
    }

    /** Sends GET for a target, which is not encoded, with headers like {@code "Range: bytes=0-1"}. */
    public Answer get(String target, String... headers) throws IOException {
        return send("GET", target, headers);
    }

    /** Sends HEAD for a target. */
    public Answer head(String target, String... headers) throws IOException {
        return send("HEAD", target, headers);
    }

    /** Sends a request on a new connection. */
    public Answer send(String method, String target, String... headers) throws IOException {
        StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: test\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return sendRaw(request + "Connection: close\r\n\r\n", method.equals("HEAD"));
    }

    /** Sends text on a new connection and reads one response. */
    public Answer sendRaw(String request, boolean head) throws IOException {
        try (SocketChannel channel = connect(request)) {
            return read(Channels.newInputStream(channel), head);
        }
    }

    /** Sends text on a new connection, which the caller closes. */
    public SocketChannel connect(String request) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
        return channel;
    }

    /** Reads one response. */
    public static Answer read(InputStream in, boolean head) throws IOException {
        String statusLine = line(in);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.merge(
                    line.substring(0, colon), line.substring(colon + 1).trim(), (one, other) -> one + ", " + other);
        }
        int status = Integer.parseInt(statusLine.split(" ")[1]);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean complete = true;
        if (!head && status != 204 && status != 304) {
            complete = headers.containsKey("Transfer-Encoding")
                    ? readChunks(in, body)
                    : copy(in, body, Long.parseLong(headers.get("Content-Length")));
        }
        return new Answer(status, headers, body.toByteArray(), complete);
    }

    private static boolean readChunks(InputStream in, ByteArrayOutputStream body) throws IOException {
        while (true) {
            String size = line(in);
            if (size.isEmpty() || !copy(in, body, Long.parseLong(size, 16))) {
                return false;
            }
            if (!line(in).isEmpty()) {
                throw new IOException("A chunk does not end with a line break");
            }
            if (size.equals("0")) {
                return true;
            }
        }
    }

    private static boolean copy(InputStream in, ByteArrayOutputStream out, long length) {
        byte[] buffer = new byte[65536];
        long left = length;
        try {
            while (left > 0) {
                int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (read < 0) {
                    return false;
                }
                out.write(buffer, 0, read);
                left -= read;
            }
        } catch (IOException e) {
            return false;
        }
        return true;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
