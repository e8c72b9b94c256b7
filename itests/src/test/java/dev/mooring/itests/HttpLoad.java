package dev.mooring.itests;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * Clients that request one file repeatedly until this is closed. Some use a connection a request, others keep theirs as long as the
 * server does. No client tries again: every error is a failure.
 *
 * <p>One thread serves all clients. With a thread for each of 128 clients on two processors, threads whose answer had arrived waited up to 900 ms for
 * a processor, and that counted as time of the server.
 */
final class HttpLoad implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 60_000;
    private static final long WARM_UP_SECONDS = 5;
    private static final int MAX_HEADER = 8192;

    /** An empty line. */
    private static final int HEADER_END = 0x0d0a0d0a;

    /** How often clients that pause, or wait too long, are looked at. */
    private static final int CHECK_MILLIS = 10;

    private final InetSocketAddress server;
    private final String path;
    private final ByteBuffer content;
    private final Duration pause;
    private final Selector selector;
    private final Thread thread;
    private final LongAdder requests = new LongAdder();

    /** The number of requests by their milliseconds. */
    private final AtomicLongArray took = new AtomicLongArray(PATIENCE_MILLIS + 1);

    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    /** Starts the clients of a port of the loopback interface. */
    HttpLoad(int port, String path, byte[] content, int oneRequestEach, int kept) throws IOException {
        this(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                path,
                content,
                oneRequestEach,
                kept,
                Duration.ZERO);
    }

    private HttpLoad(
            InetSocketAddress server, String path, byte[] content, int oneRequestEach, int kept, Duration pause)
            throws IOException {
        this.server = server;
        this.pause = pause;
        this.path = path;
        this.content = ByteBuffer.wrap(content);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < oneRequestEach + kept; i++) {
            clients.add(new Client(i >= oneRequestEach));
        }
        selector = Selector.open();
        thread = new Thread(() -> run(clients), "clients");
        thread.start();
    }

    /**
     * Makes load for some seconds, or until its input ends, for benchmarks. Prints the number of answered requests, the number of failures, and the
     * milliseconds of the longest request and of those that 99 and 99.9 percent of all do not exceed. A warm-up of {@value #WARM_UP_SECONDS} s before does not
     * count, because this JVM is slow at first.
     *
     * @param arguments port, path, file of the content; then seconds, or nothing to run until the input ends
     */
    public static void main(String[] arguments) throws Exception {
        byte[] content = Files.readAllBytes(Path.of(arguments[2]));
        int port = Integer.parseInt(arguments[0]);
        HttpLoad warmUp = new HttpLoad(port, arguments[1], content, 64, 64);
        TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
        warmUp.close();
        HttpLoad load = new HttpLoad(port, arguments[1], content, 64, 64);
        if (arguments.length > 3) {
            TimeUnit.SECONDS.sleep(Long.parseLong(arguments[3]));
        } else {
            System.in.readAllBytes();
        }
        load.close();
        System.out.println(load.requests() + " " + load.failures().size() + " " + load.longestMillis() + " "
                + load.quantileMillis(0.99) + " " + load.quantileMillis(0.999));
        load.failures().stream()
                .collect(Collectors.groupingBy(failure -> failure, Collectors.counting()))
                .forEach((failure, count) -> System.err.println(count + " times " + failure));
    }

    /** The same class as a program, for a test that makes load on another machine. */
    static final class Remote {

        /** The clients leave most of the processor to the machines. */
        private static final Duration PAUSE = Duration.ofMillis(10);

        private Remote() {}

        /**
         * Makes load until its input ends. For each line with a number it waits for so many further answers, and prints a line. At last it prints
         * the result, and a line for each failure.
         *
         * @param arguments address, port, path, file of the content
         */
        public static void main(String[] arguments) throws Exception {
            InetSocketAddress server = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
            byte[] content = Files.readAllBytes(Path.of(arguments[3]));
            HttpLoad load = new HttpLoad(server, arguments[2], content, 2, 2, PAUSE);
            try (load;
                    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    load.awaitRequests(Long.parseLong(line));
                    System.out.println(load);
                }
            }
            System.out.println(load);
            load.failures().forEach(System.out::println);
        }
    }

    /** Serves the clients until this is closed and each has finished its request. */
    private void run(List<Client> clients) {
        try (selector) {
            while (!clients.isEmpty()) {
                long now = System.nanoTime();
                clients.forEach(client -> client.look(now));
                clients.removeIf(client -> client.finished);
                selector.select(key -> ((Client) key.attachment()).ready(), CHECK_MILLIS);
            }
        } catch (IOException e) {
            failures.add("the selector: " + e);
        }
    }

    /** Used by the thread alone. */
    private final class Client {
        private final boolean keep;
        private final ByteBuffer request;
        private final ByteBuffer answer = ByteBuffer.allocateDirect(MAX_HEADER + content.capacity());

        /** Null if the next request needs a connection. */
        private SocketChannel channel;

        private String connection = "";

        /** When the request began, or the next one is to begin, by {@link System#nanoTime}. */
        private long start = System.nanoTime();

        /** Whether an answer is expected. */
        private boolean busy;

        /** The number of bytes before the content, 0 if they have not all arrived. */
        private int header;

        private boolean kept;
        private boolean finished;

        Client(boolean keep) {
            this.keep = keep;
            request = ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                            + (keep ? "" : "Connection: close\r\n") + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        }

        /** Begins the next request if it is time, and gives up one that takes too long. */
        void look(long now) {
            if (busy && now - start > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)) {
                fail(new SocketTimeoutException("no answer for " + PATIENCE_MILLIS + " ms"));
            } else if (!busy && over) {
                close();
                finished = true;
            } else if (!busy && now - start >= 0) {
                begin();
            }
        }

        private void begin() {
            busy = true;
            start = System.nanoTime();
            header = 0;
            request.rewind();
            answer.clear();
            try {
                if (channel != null) {
                    connection = "a connection that was kept";
                    send();
                    return;
                }
                connection = "a new connection";
                channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                boolean connected = channel.connect(server);
                channel.register(selector, SelectionKey.OP_CONNECT, this);
                if (connected) {
                    send();
                }
            } catch (IOException e) {
                fail(e);
            }
        }

        private void send() throws IOException {
            channel.write(request);
            if (request.hasRemaining()) {
                throw new IOException("the request does not fit into the buffer of the socket");
            }
            channel.keyFor(selector).interestOps(SelectionKey.OP_READ);
        }

        void ready() {
            try {
                if (!channel.isConnected()) {
                    channel.finishConnect();
                    send();
                } else if (busy) {
                    receive();
                } else {
                    throw new EOFException("closed between two requests");
                }
            } catch (IOException e) {
                fail(e);
            }
        }

        private void receive() throws IOException {
            if (channel.read(answer) < 0) {
                throw new EOFException("closed after " + answer.position() + " bytes, the header being " + header);
            }
            if (header == 0) {
                readHeader();
            }
            int received = answer.position() - header;
            if (header == 0 || received < content.capacity()) {
                return;
            }
            if (received > content.capacity() || !answer.slice(header, received).equals(content)) {
                throw new IOException("wrong bytes");
            }
            took.incrementAndGet((int) Math.min((System.nanoTime() - start) / 1_000_000, PATIENCE_MILLIS));
            answered();
            busy = false;
            if (!kept) {
                close();
            }
            start = System.nanoTime() + pause.toNanos();
        }

        private void readHeader() throws IOException {
            int end = 0;
            while (end + Integer.BYTES <= answer.position() && answer.getInt(end) != HEADER_END) {
                end++;
            }
            if (end + Integer.BYTES > answer.position()) {
                return;
            }
            header = end + Integer.BYTES;
            String text =
                    StandardCharsets.ISO_8859_1.decode(answer.slice(0, header)).toString();
            if (!text.startsWith("HTTP/1.1 200 ")) {
                throw new IOException("the answer is " + text.substring(0, text.indexOf('\r')));
            }
            kept = keep && !text.toLowerCase(Locale.ROOT).contains("\nconnection: close\r");
        }

        private void fail(IOException e) {
            failures.add(connection + ": " + e);
            busy = false;
            start = System.nanoTime();
            close();
        }

        private void close() {
            try {
                if (channel != null) {
                    channel.close();
                }
            } catch (IOException e) {
                failures.add("close: " + e);
            }
            channel = null;
        }
    }

    long requests() {
        return requests.sum();
    }

    /** Waits for a number of further answers. */
    synchronized void awaitRequests(long more) throws InterruptedException {
        long wanted = requests() + more;
        long deadline = System.nanoTime() + ChildProcess.PATIENCE.toNanos();
        while (requests() < wanted) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("The clients make no progress: " + this + " " + failures);
            }
            wait(left);
        }
    }

    private synchronized void answered() {
        requests.increment();
        notifyAll();
    }

    /** All failures, repeated ones included. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Duration of the longest request, from before the connection to after the last byte. */
    long longestMillis() {
        return quantileMillis(1);
    }

    private long quantileMillis(double share) {
        long left = (long) (share * requests());
        int millis = 0;
        while (left > took.get(millis)) {
            left -= took.get(millis);
            millis++;
        }
        return millis;
    }

    /** Stops after every client has finished its request. */
    @Override
    public void close() {
        over = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return requests() + " requests, " + failures.size() + " failed, the longest took " + longestMillis() + " ms";
    }
}
