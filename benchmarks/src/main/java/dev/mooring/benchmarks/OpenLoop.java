package dev.mooring.benchmarks;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends HTTP requests at a constant rate over kept connections. A latency is measured from the moment at which the request was due, so a server that stalls
 * cannot hide the requests that it delayed.
 *
 * <pre>OpenLoop PORT PATH RATE SECONDS</pre>
 *
 * <p>RATE is the number of requests a second; 0 sends as many as the server answers. Prints the rate that was reached, and the latencies below which 50, 99 and
 * 99.9 percent of the requests were answered, in microseconds. What happens in the first fifth of the time does not count.
 */
public final class OpenLoop {

    private static final int CONNECTIONS = 32;
    private static final int PATIENCE_MILLIS = 30_000;

    private final byte[] request;
    private final int port;
    private final double nanosEach;
    private final int[] micros;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final long end;
    private final long start = System.nanoTime();

    private OpenLoop(int port, String path, int rate, int seconds) {
        this.port = port;
        request = ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        nanosEach = rate == 0 ? 0 : 1e9 / rate;
        micros = new int[rate == 0 ? 10_000_000 : rate * seconds];
        end = start + seconds * 1_000_000_000L;
    }

    /**
     * Makes the load.
     *
     * @param arguments port, path, requests a second, seconds
     * @throws Exception if a request fails
     */
    public static void main(String[] arguments) throws Exception {
        OpenLoop load = new OpenLoop(
                Integer.parseInt(arguments[0]),
                arguments[1],
                Integer.parseInt(arguments[2]),
                Integer.parseInt(arguments[3]));
        load.run(Integer.parseInt(arguments[3]));
    }

    private void run(int seconds) throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Thread thread = new Thread(this::connection);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure.get() != null) {
            throw failure.get();
        }
        int sent = Math.min(next.get(), micros.length);
        int[] counted = Arrays.copyOfRange(micros, sent / 5, sent);
        Arrays.sort(counted);
        double took = Math.max(seconds, (System.nanoTime() - start) / 1e9);
        System.out.printf(
                "%.0f %d %d %d%n",
                sent / took, quantile(counted, 0.5), quantile(counted, 0.99), quantile(counted, 0.999));
    }

    private static int quantile(int[] sorted, double share) {
        return sorted[(int) (share * (sorted.length - 1))];
    }

    private void connection() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (failure.get() == null) {
                int number = next.getAndIncrement();
                long due = nanosEach == 0 ? System.nanoTime() : start + (long) (number * nanosEach);
                if (number >= micros.length || due >= end) {
                    return;
                }
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                socket.getOutputStream().write(request);
                discardResponse(in);
                micros[number] = (int) ((System.nanoTime() - due) / 1000);
            }
        } catch (IOException e) {
            failure.compareAndSet(null, e);
        }
    }

    private static void discardResponse(InputStream in) throws IOException {
        String status = line(in);
        if (!status.startsWith("HTTP/1.1 200 ")) {
            throw new IOException("the answer is " + status);
        }
        long length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.regionMatches(true, 0, "Content-Length: ", 0, 16)) {
                length = Long.parseLong(header.substring(16));
            }
        }
        in.skipNBytes(length);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("closed after '" + line + "'");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
