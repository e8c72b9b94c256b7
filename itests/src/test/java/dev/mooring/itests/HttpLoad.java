package dev.mooring.itests;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Clients that request one file repeatedly until this is closed. Some use a connection a request, others keep theirs as long as the
 * server does. No client retries: every error is a failure.
 */
final class HttpLoad implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 60_000;
    private static final long WARM_UP_SECONDS = 5;

    private final InetSocketAddress server;
    private final String path;
    private final byte[] content;
    private final Duration pause;
    private final List<Thread> clients = new ArrayList<>();
    private final LongAdder requests = new LongAdder();

    /** The number of requests by their milliseconds. */
    private final AtomicLongArray took = new AtomicLongArray(PATIENCE_MILLIS + 1);

    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    /** Starts the clients of a port of the loopback interface. */
    HttpLoad(int port, String path, byte[] content, int oneRequestEach, int kept) {
        this(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                path,
                content,
                oneRequestEach,
                kept,
                Duration.ZERO);
    }

    private HttpLoad(
            InetSocketAddress server, String path, byte[] content, int oneRequestEach, int kept, Duration pause) {
        this.server = server;
        this.pause = pause;
        this.path = path;
        this.content = content;
        for (int i = 0; i < oneRequestEach + kept; i++) {
            boolean keep = i >= oneRequestEach;
            Thread client = new Thread(() -> run(keep), "client-" + i);
            clients.add(client);
            client.start();
        }
    }

    /**
     * Makes load for some seconds, or until its input ends, for benchmarks. Prints the number of answered requests, the number of failures, and the
     * milliseconds of the longest request and of the one that 99 percent of all do not exceed. A warm-up of {@value #WARM_UP_SECONDS} s before does not count, because this JVM is slow at first.
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
                + load.quantileMillis(0.99));
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

    private void run(boolean keep) {
        Connection connection = null;
        while (!over) {
            long start = System.nanoTime();
            String state = connection == null ? "a new connection" : "a connection that was kept";
            try {
                if (connection == null) {
                    connection = new Connection();
                }
                boolean kept = connection.get(keep);
                took.incrementAndGet((int) Math.min((System.nanoTime() - start) / 1_000_000, PATIENCE_MILLIS));
                answered();
                if (!kept) {
                    connection.close();
                    connection = null;
                }
                LockSupport.parkNanos(pause.toNanos());
            } catch (IOException e) {
                failures.add(state + ": " + e);
                if (connection != null) {
                    connection.close();
                    connection = null;
                }
            }
        }
        if (connection != null) {
            connection.close();
        }
    }

    private final class Connection {
        private final Socket socket;
        private final InputStream in;

        Connection() throws IOException {
            socket = new Socket(server.getAddress(), server.getPort());
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
        }

        /** Sends one request, and returns whether the connection is kept. */
        boolean get(boolean keep) throws IOException {
            String request =
                    "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + (keep ? "" : "Connection: close\r\n") + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String status = line();
            if (!status.startsWith("HTTP/1.1 200 ")) {
                throw new IOException("the answer is " + status);
            }
            boolean kept = keep;
            for (String header = line(); !header.isEmpty(); header = line()) {
                kept &= !header.equalsIgnoreCase("Connection: close");
            }
            byte[] answer = in.readNBytes(content.length);
            if (!Arrays.equals(answer, content)) {
                throw new IOException(
                        answer.length < content.length ? "only " + answer.length + " bytes" : "wrong bytes");
            }
            return kept;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new EOFException("closed after '" + line + "'");
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }

        void close() {
            try {
                socket.close();
            } catch (IOException e) {
                failures.add("close: " + e);
            }
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
        try {
            for (Thread client : clients) {
                client.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return requests() + " requests, " + failures.size() + " failed, the longest took " + longestMillis() + " ms";
    }
}
