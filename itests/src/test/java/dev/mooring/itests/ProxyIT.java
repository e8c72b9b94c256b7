package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Every protocol of the assembled runtime behind a proxy that announces its clients; the client is curl. */
class ProxyIT {

    private static final List<String> PROTOCOLS = List.of("http", "sftp", "ftp");

    private final Variant variant;

    ProxyIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    private ActivatedProcess mooring;

    @BeforeEach
    void start() throws IOException {
        Path files = Files.createDirectories(directory.resolve("files"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
        Distribution distribution = new Distribution(directory, variant)
                .servingAll(files)
                .append("dev.mooring.http-public.cfg", "authentication = true");
        for (String protocol : PROTOCOLS) {
            distribution.append(
                    "dev.mooring." + protocol + "-public.cfg",
                    "proxy.protocol = required",
                    "proxy.trusted = 127.0.0.1, 127.0.0.8/30",
                    "access.log = true");
        }
        distribution.configure(
                "dev.mooring.http-forwarded.cfg",
                "sockets.target = (socket.name=http-forwarded)",
                "authentication = true",
                "forwarded.trusted = 127.0.0.1",
                "access.log = true");
        mooring = distribution.start("http=tcp4", "sftp=tcp4", "ftp=tcp4", "ftp-data=tcp4*2", "http-forwarded=tcp4");
        for (String protocol : PROTOCOLS) {
            mooring.awaitLine(protocol + "~public serves");
        }
    }

    @AfterEach
    void stop() {
        mooring.close();
        assertFalse(mooring.output().contains("\tat "), mooring.output());
    }

    /** Starts a proxy that announces a client to a port. */
    private static ServerSocket announcing(String client, int port) throws IOException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        ServerSocket front = new ServerSocket(0, 50, loopback);
        daemon(() -> {
            while (true) {
                Socket in = front.accept();
                Socket out = new Socket(loopback, port);
                out.getOutputStream().write(("PROXY TCP4 " + client + " 198.51.100.1 4711 22\r\n").getBytes());
                daemon(() -> {
                    in.getInputStream().transferTo(out.getOutputStream());
                    out.shutdownOutput();
                });
                daemon(() -> {
                    out.getInputStream().transferTo(in.getOutputStream());
                    in.shutdownOutput();
                });
            }
        });
        return front;
    }

    private static void daemon(Executable task) {
        Thread thread = new Thread(() -> {
            try {
                task.execute();
            } catch (Throwable closed) {
                // The test, curl or the server has closed a socket.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private Tool.Outcome get(String protocol, int port, String login, String... options) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("-sS", "-f", "-k", "--noproxy", "*", "--max-time", "60", "-u", login));
        arguments.addAll(List.of(options));
        arguments.add(protocol + "://127.0.0.1:" + port + "/hello.txt");
        return Tool.of("curl", "curl").in(directory, arguments.toArray(String[]::new));
    }

    private void assertServed(String protocol, int port, String client, String... options) throws Exception {
        Tool.Outcome outcome = get(protocol, port, "ada:secret", options);
        assertEquals("hello\n", outcome.output(), mooring::output);
        mooring.awaitLine(client + " - ada [");
    }

    @OneRuntime
    void clientsThatProxiesAnnounceAreServedLoggedAndThrottled() throws Exception {
        int number = 1;
        for (String protocol : PROTOCOLS) {
            String client = "192.0.2." + number++;
            try (ServerSocket proxy = announcing(client, mooring.port(protocol))) {
                assertServed(protocol, proxy.getLocalPort(), client);
            }
            // curl announces itself.
            String curl = "127.0.0." + (8 + PROTOCOLS.indexOf(protocol));
            assertServed(protocol, mooring.port(protocol), curl, "--haproxy-protocol", "--interface", curl);
            // Without a header, and from a peer that is not trusted.
            assertNotEquals(
                    0,
                    get(protocol, mooring.port(protocol), "ada:secret", "--interface", "127.0.0.2")
                            .status());
            mooring.awaitLine(protocol + "~public ended a connection from 127.0.0.2, which is not a trusted proxy");
        }
        assertNotEquals(0, get("http", mooring.port("http"), "ada:secret").status());
        mooring.awaitLine("http~public ended a connection from 127.0.0.1, which did not begin with a PROXY header");

        int ftp = mooring.port("ftp");
        try (ServerSocket guesser = announcing("192.0.2.66", ftp)) {
            for (int i = 0; i < 5; i++) {
                assertEquals(
                        67, get("ftp", guesser.getLocalPort(), "ada:wrong" + i).status());
            }
        }
        mooring.awaitLine("login refused: address=192.0.2.66 protocol=ftp user=\"ada\" wait=2");
        assertServed("ftp", ftp, "127.0.0.9", "--haproxy-protocol", "--interface", "127.0.0.9");

        // An HTTP proxy.
        int http = mooring.port("http-forwarded");
        assertServed("http", http, "192.0.2.77", "-H", "X-Forwarded-For: 198.51.100.1, 192.0.2.77");
        assertServed("http", http, "127.0.0.2", "--interface", "127.0.0.2", "-H", "X-Forwarded-For: 192.0.2.78");
    }
}
