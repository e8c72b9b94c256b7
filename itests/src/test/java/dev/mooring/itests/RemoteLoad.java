package dev.mooring.itests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;

/** An {@link HttpLoad} that runs inside another system. One thread uses it. */
final class RemoteLoad implements AutoCloseable {

    private final Process process;
    private final PrintWriter in;
    private final BufferedReader out;

    /**
     * Starts the clients.
     *
     * @param classes the directory of the test classes in that system
     * @param content the file in that system with the content that each answer must have
     */
    RemoteLoad(Systemd systemd, String classes, String address, int port, String path, String content) {
        process = systemd.startFor(
                Duration.ofMinutes(5),
                Jdk.RUNNING.java(),
                "-cp",
                classes,
                HttpLoad.Remote.class.getName(),
                address,
                Integer.toString(port),
                path,
                content);
        in = new PrintWriter(process.outputWriter(UTF_8), true);
        out = process.inputReader(UTF_8);
    }

    /** Waits for so many further answers. */
    void awaitRequests(int count) throws IOException {
        in.println(count);
        String line = out.readLine();
        assertTrue(line != null && line.contains(" requests, "), line);
    }

    /** Ends the clients, none of which may have failed. Returns the result. */
    String end() {
        in.close();
        String result = String.join("\n", out.lines().toList());
        assertTrue(result.contains(" requests, 0 failed"), result);
        return result;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
