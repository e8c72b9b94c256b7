package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** One address uses as many resources as it can. Other clients are served, and all resources are released afterwards. */
class LimitsIT {

    private static final List<String> PROTOCOLS = List.of("http", "sftp", "ftp");
    private static final int ROUNDS = 20;

    /** Descriptors and threads by which an idle process may grow, for files that were loaded meanwhile. */
    private static final int MORE = 30;

    private final Variant variant;

    LimitsIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    private ActivatedProcess mooring;

    @BeforeEach
    void prepare() throws IOException {
        Path files = Files.createDirectories(directory.resolve("files"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
        try (RandomAccessFile large =
                new RandomAccessFile(files.resolve("large").toFile(), "rw")) {
            large.setLength(64 << 20);
        }
    }

    private void start(String options, String... http) throws IOException {
        mooring = ActivatedProcess.with("http=tcp4", "sftp=tcp4", "ftp=tcp4")
                .variable("JAVA_HOME", variant.javaHome())
                .variable("MOORING_JAVA_OPTIONS", options)
                .start(new Distribution(directory, variant)
                        .servingAll(directory.resolve("files"))
                        .append("dev.mooring.http-public.cfg", http)
                        .command());
        for (String protocol : PROTOCOLS) {
            mooring.awaitLine(protocol + "~public serves");
            assertOthersAreServed(1);
        }
    }

    @AfterEach
    void stop() {
        if (mooring != null) {
            mooring.close();
            assertFalse(mooring.output().contains("\tat "), mooring.output());
            assertFalse(mooring.output().contains("OutOfMemory"), mooring.output());
        }
    }

    private void assertOthersAreServed(int rounds) throws IOException {
        for (int i = 0; i < rounds; i++) {
            for (String protocol : PROTOCOLS) {
                String heard = Attack.hear(protocol, mooring.port(protocol), Attack.ORDINARY, "/hello.txt");
                assertTrue(heard.startsWith(Attack.greeting(protocol)), protocol + ": " + heard);
            }
        }
    }

    private int descriptors() throws IOException {
        return mooring.descriptors().size();
    }

    private void assertResourcesAreReleased(int before) throws IOException, InterruptedException {
        mooring.awaitDescriptors(all -> all.size() <= before + MORE, "descriptors to be closed");
        assertOthersAreServed(1);
    }

    @OneRuntime
    void aFloodOfOneProtocolDoesNotDisturbOtherClients() throws Exception {
        start("");
        int before = descriptors();
        int threads = threads();
        for (String protocol : PROTOCOLS) {
            int lines = mooring.output().split("\n").length;
            try (Attack flood = Attack.flood(mooring.port(protocol), 4)) {
                assertOthersAreServed(ROUNDS);
                int during = descriptors();
                assertTrue(during < before + 3000, during + " descriptors");
                assertTrue(flood.attempts() > 0);
            }
            assertResourcesAreReleased(before);
            assertTrue(mooring.output().split("\n").length <= lines + 10, mooring.output());
        }
        mooring.awaitDescriptors(all -> threads() <= threads + MORE, "threads to end");
    }

    private int threads() {
        String[] tasks = mooring.proc("task").toFile().list();
        return tasks == null ? 0 : tasks.length;
    }

    @OneRuntime
    void idleConnectionsFromOneAddressGiveWay() throws Exception {
        start("", "max.connections.per.address = 100");
        int before = descriptors();
        for (String protocol : PROTOCOLS) {
            try (Attack idle = Attack.idle(mooring.port(protocol), 300)) {
                assertOthersAreServed(1);
                assertEquals(300, idle.attempts());
                // After two seconds the attacker's connections are old enough to give way.
                String heard = "";
                long deadline = System.nanoTime() + ChildProcess.PATIENCE.toNanos();
                while (!heard.startsWith(Attack.greeting(protocol)) && System.nanoTime() < deadline) {
                    heard = Attack.hear(protocol, mooring.port(protocol), Attack.ATTACKER, "/hello.txt");
                }
                assertTrue(heard.startsWith(Attack.greeting(protocol)), protocol + ": " + heard);
            }
            assertResourcesAreReleased(before);
        }
    }

    @OneRuntime
    void clientsThatDoNotReadLeaveMemoryForOtherClients() throws Exception {
        start("-Xmx64m");
        int before = descriptors();
        for (String target : List.of("/large", "/?download=zip", "/")) {
            try (Attack unread = Attack.unread(mooring.port("http"), 400, target)) {
                assertOthersAreServed(ROUNDS);
                assertEquals(400, unread.attempts());
            }
            assertResourcesAreReleased(before);
        }
        assertTrue(mooring.output().contains("large buffers are in use"), mooring.output());
    }

    @OneRuntime
    void streamsThatAreNotReadLeaveMemoryForOtherClients() throws Exception {
        Tool.of("openssl", "openssl")
                .run(
                        directory,
                        ("req -x509 -subj /CN=localhost -days 1 -newkey rsa:2048 -nodes -out c.pem -keyout k.pem")
                                .split(" "));
        mooring = ActivatedProcess.with("http=tcp4", "sftp=tcp4", "ftp=tcp4", "https=tcp4")
                .variable("JAVA_HOME", variant.javaHome())
                .variable("MOORING_JAVA_OPTIONS", "-Xmx64m")
                .start(new Distribution(directory, variant)
                        .servingAll(directory.resolve("files"))
                        .configure(
                                "dev.mooring.http-secure.cfg",
                                "sockets.target = (socket.name=https)",
                                "tls.certificate = " + directory.resolve("c.pem"),
                                "tls.key = " + directory.resolve("k.pem"))
                        .command());
        for (String protocol : PROTOCOLS) {
            mooring.awaitLine(protocol + "~public serves");
        }
        assertOthersAreServed(1);
        try (Attack unread = Attack.tinyWindows(CrossTalkIT.trusting(), mooring.port("https"), 120, 100, "/large")) {
            assertOthersAreServed(ROUNDS);
            assertEquals(120, unread.attempts());
            mooring.awaitLine("large buffers are in use");
        }
        assertOthersAreServed(1);
    }
}
