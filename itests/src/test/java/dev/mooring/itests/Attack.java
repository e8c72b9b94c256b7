package dev.mooring.itests;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Clients of one address that use up a server's resources until this is closed. An ordinary client comes from another address. */
final class Attack implements AutoCloseable {

    /** Number of idle or unread connections from one address. */
    private static final int FROM_ONE = 2400;

    static final String ATTACKER = "127.0.0.66";
    static final String ORDINARY = "127.0.0.2";

    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int TIMEOUT_MILLIS = 60_000;

    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder attempts = new LongAdder();
    private volatile boolean over;

    private Attack() {}

    /** Connects and closes as fast as possible. Returns after 1,000 connections. */
    static Attack flood(int port, int threads) throws InterruptedException {
        Attack attack = new Attack();
        CountDownLatch begun = new CountDownLatch(1000);
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(
                    () -> {
                        while (!attack.over) {
                            try (Socket socket = connect(port, ATTACKER)) {
                                attack.attempts.increment();
                                // Closes by reset, so that no port stays in TIME_WAIT.
                                socket.setSoLinger(true, 0);
                            } catch (IOException e) {
                                // Refused, or no port is free.
                            }
                            begun.countDown();
                        }
                    },
                    "flood-" + i);
            thread.setDaemon(true);
            attack.threads.add(thread);
            thread.start();
        }
        begun.await();
        return attack;
    }

    /** Connects and sends nothing. More than {@link #FROM_ONE} connections come from several addresses. */
    static Attack idle(int port, int connections) throws IOException {
        return send(port, connections, "");
    }

    /** Sends a request over each connection and never reads. */
    static Attack unread(int port, int connections, String target) throws IOException {
        return send(port, connections, "GET " + target + " HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
    }

    /**
     * Sends a request over each stream of HTTP/2 connections with a window of one byte (RFC 9113 section 6.9.2), and never
     * reads.
     */
    static Attack tinyWindows(SSLContext tls, int port, int connections, int streams, String target)
            throws IOException {
        Attack attack = new Attack();
        for (int i = 0; i < connections; i++) {
            SSLSocket socket =
                    (SSLSocket) tls.getSocketFactory().createSocket(connect(port, ATTACKER), "a", port, true);
            attack.sockets.add(socket);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            frames.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
            frame(frames, SETTINGS, 0, 0, new byte[] {0, INITIAL_WINDOW_SIZE, 0, 0, 0, 1});
            for (int stream = 0; stream < streams; stream++) {
                ByteArrayOutputStream headers = new ByteArrayOutputStream();
                // RFC 7541: GET and https from the static table, then its names 4 (:path) and 1 (:authority) with a
                // value.
                headers.write(new byte[] {(byte) 0x82, (byte) 0x87, 4, (byte) target.length()});
                headers.write(target.getBytes(US_ASCII));
                headers.write(new byte[] {1, 1, 'a'});
                frame(frames, HEADERS, END_STREAM | END_HEADERS, 2 * stream + 1, headers.toByteArray());
            }
            socket.getOutputStream().write(frames.toByteArray());
            attack.attempts.increment();
        }
        return attack;
    }

    private static void frame(ByteArrayOutputStream to, int type, int flags, int stream, byte[] payload)
            throws IOException {
        DataOutputStream out = new DataOutputStream(to);
        out.writeShort(payload.length >> 8);
        out.writeByte(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
    }

    private static Attack send(int port, int connections, String request) throws IOException {
        Attack attack = new Attack();
        for (int i = 0; i < connections; i++) {
            Socket socket = new Socket();
            attack.sockets.add(socket);
            socket.setReceiveBufferSize(4096);
            socket.bind(new InetSocketAddress(i < FROM_ONE ? ATTACKER : "127.0.3." + i / FROM_ONE, 0));
            try {
                socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
                socket.getOutputStream().write(request.getBytes(US_ASCII));
            } catch (IOException e) {
                // The server may refuse a connection.
            }
            attack.attempts.increment();
        }
        return attack;
    }

    /** Number of connections so far. */
    long attempts() {
        return attempts.sum();
    }

    private static Socket connect(int port, String from) throws IOException {
        Socket socket = new Socket("127.0.0.1", port, InetAddress.getByName(from), 0);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    /**
     * Connects as an ordinary client and reads the first line of the answer.
     *
     * @param protocol {@code http}, {@code sftp} or {@code ftp}
     * @param from its address
     * @param target the file over HTTP
     * @return the first line
     */
    static String hear(String protocol, int port, String from, String target) throws IOException {
        try (Socket socket = connect(port, from)) {
            if (protocol.equals("http")) {
                socket.getOutputStream()
                        .write(("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                                .getBytes(US_ASCII));
            }
            InputStream in = socket.getInputStream();
            StringBuilder line = new StringBuilder();
            for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
                line.append((char) octet);
            }
            return line.toString().strip();
        }
    }

    /** The start of the line that an ordinary client receives from a working server. */
    static String greeting(String protocol) {
        return switch (protocol) {
            case "http" -> "HTTP/1.1 200 OK";
            case "sftp" -> "SSH-2.0-";
            default -> "220 ";
        };
    }

    @Override
    public void close() throws IOException {
        over = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /**
     * Attacks, for benchmarks. Prints the median and the longest time in microseconds that an ordinary client waited for each protocol, then the
     * number of connections of the attack.
     *
     * @param arguments {@code none}, {@code flood}, {@code idle} or {@code unread}; the port of the attack; threads or connections; the target;
     *     seconds; then protocol, port, protocol, port …
     */
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[1]);
        int count = Integer.parseInt(arguments[2]);
        String target = arguments[3];
        long nanos = Long.parseLong(arguments[4]) * 1_000_000_000L;
        measure(arguments, target, nanos / 4);
        try (Attack attack =
                switch (arguments[0]) {
                    case "flood" -> flood(port, count);
                    case "idle" -> idle(port, count);
                    case "unread" -> unread(port, count, target);
                    default -> new Attack();
                }) {
            StringBuilder line = new StringBuilder();
            for (long[] times : measure(arguments, "/1k.bin", nanos)) {
                line.append(times[times.length / 2] / 1000)
                        .append(' ')
                        .append(times[times.length - 1] / 1000)
                        .append(' ');
            }
            System.out.println(line.append(attack.attempts()));
        }
    }

    private static List<long[]> measure(String[] arguments, String target, long nanos) {
        List<long[]> all = new ArrayList<>();
        for (int i = 5; i < arguments.length; i += 2) {
            List<Long> times = new ArrayList<>();
            long end = System.nanoTime() + nanos;
            while (System.nanoTime() < end) {
                long start = System.nanoTime();
                String heard;
                try {
                    heard = hear(arguments[i], Integer.parseInt(arguments[i + 1]), ORDINARY, target);
                } catch (IOException e) {
                    heard = e.toString();
                }
                if (!heard.startsWith(greeting(arguments[i]))) {
                    System.err.println(arguments[i] + ": " + heard);
                }
                times.add(System.nanoTime() - start);
            }
            long[] sorted = times.stream().mapToLong(Long::longValue).toArray();
            Arrays.sort(sorted);
            all.add(sorted);
        }
        return all;
    }
}
