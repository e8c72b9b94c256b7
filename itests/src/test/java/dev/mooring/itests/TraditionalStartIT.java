package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that was not activated binds the configured addresses. */
class TraditionalStartIT {

    private static final String ACTIVATION = "dev.mooring.activation";

    @TempDir
    private static Path bundles;

    private static Path[] probeBundles;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeTheBundles() throws Exception {
        probeBundles = ProbeProcess.bundles(bundles);
    }

    private static ProbeProcess start(Felix felix) throws IOException {
        return new ProbeProcess(ActivatedProcess.with().start(felix.command()));
    }

    private Felix felix(boolean opened) {
        Felix felix = new Felix(directory).bundles(Jars.of(ACTIVATION)).bundles(probeBundles);
        return opened ? felix.opened() : felix;
    }

    @ParameterizedTest(name = "[{index}] opened: {0}")
    @ValueSource(booleans = {true, false})
    void theFrameworkPropertyIsBoundAndFailuresAreExplained(boolean opened) throws IOException {
        Path stale = directory.resolve("stale");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(stale))
                .close();
        assertTrue(Files.exists(stale), "closing a socket leaves its path");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                ProbeProcess probe = start(felix(opened)
                        .property(
                                ACTIVATION + ".listen",
                                "http=127.0.0.1:0, http=[::1]:0, taken=127.0.0.1:" + taken.getLocalPort()
                                        + ", admin=unix:" + stale + ", broken=nowhere"))) {
            probe.process().awaitLine("This process was not activated; bound and published: 'http' (fd ");
            List<String> services = probe.ask("services");
            assertEquals(3, services.size(), services::toString);
            String pattern = "\\{address=%s, family=%s, fd=\\d+:Integer, listening=true:Boolean, name=%s,"
                    + " origin=bound, %stype=stream}";
            assertTrue(anyMatches(services, pattern.formatted("127.0.0.1", "inet", "http", "port=\\d+:Integer, ")));
            assertTrue(anyMatches(services, pattern.formatted("::1", "inet6", "http", "port=\\d+:Integer, ")));
            assertTrue(anyMatches(services, pattern.formatted(Pattern.quote(stale.toString()), "unix", "admin", "")));

            String refusal = probe.process().awaitLine("SEVERE: Cannot listen on ");
            assertTrue(
                    refusal.matches("SEVERE: Cannot listen on 127\\.0\\.0\\.1:" + taken.getLocalPort()
                            + " \\(socket 'taken'\\): Address already in use.*; process "
                            + ProcessHandle.current().pid()
                            + " \\(java\\) holds the port: stop it or choose another port"),
                    refusal);
            probe.process().awaitLine("SEVERE: listen entry 'broken=nowhere' has no port; write NAME=HOST:PORT");

            serves(probe, "admin", line -> Client.says(UnixDomainSocketAddress.of(stale), line));
            assertEquals(List.of("resolved"), probe.ask("stop " + ACTIVATION));
            assertFalse(Files.exists(stale), "the path of a bound socket is removed when the bundle stops");
        }
    }

    private static boolean anyMatches(List<String> services, String pattern) {
        boolean matches = services.stream().anyMatch(service -> service.matches(pattern));
        assertTrue(matches, () -> pattern + " among " + services);
        return matches;
    }

    private interface Connect {
        Client says(String line) throws IOException;
    }

    /** Connects before and while the probe accepts, four times. */
    private static void serves(ProbeProcess probe, String name, Connect connect) throws IOException {
        int question = probe.send("accept " + name);
        for (String line : List.of("one", "two", "three", "four")) {
            try (Client client = connect.says(line)) {
                assertEquals("echo " + line, client.hears());
            }
        }
        assertEquals("echoed four", probe.answer(question).get(4));
    }

    @Test
    void theConfigurationAppliesAndAnEditRebindsNoUnchangedEntry() throws IOException {
        Path configuration = Files.createDirectory(directory.resolve("conf"));
        Path file = configuration.resolve(ACTIVATION + ".cfg");
        Files.writeString(file, "listen = keep=127.0.0.1:0, drop=127.0.0.1:0\n");
        Felix felix = new Felix(directory)
                .opened()
                .property("felix.fileinstall.dir", configuration.toString())
                .property("felix.fileinstall.poll", "100")
                .property("felix.fileinstall.noInitialDelay", "true")
                .property(ACTIVATION + ".listen", "default=127.0.0.1:0")
                .bundles(
                        Jars.of("org.apache.felix.configadmin"),
                        Jars.of("org.apache.felix.fileinstall"),
                        Jars.of(ACTIVATION))
                .bundles(probeBundles);
        try (ProbeProcess probe = start(felix)) {
            probe.process().awaitLine("bound and published: 'keep' (fd ");
            List<String> before = probe.ask("services");
            assertEquals(2, before.size(), before::toString);
            int kept = port(before, "keep");
            int dropped = port(before, "drop");
            assertEquals(List.of("held"), probe.ask("hold keep server"));

            // a client is in the queue while the file is edited
            try (Client waiting = Client.says("127.0.0.1", kept, "one")) {
                int mark = probe.process().mark();
                edit(file, "listen = keep=127.0.0.1:0, added=[::1]:0\ntypo = x\n");
                probe.process().awaitLine(mark, "'added' (fd ");
                probe.process().awaitLine(mark, "has no configuration key [typo]; it has: listen");
                List<String> after = probe.ask("services");
                assertEquals(kept, port(after, "keep"), "an unchanged entry is not bound again");
                assertTrue(port(after, "added") > 0);
                assertFalse(after.toString().contains("name=drop"), after::toString);
                assertRefused(dropped);
                assertEquals(
                        List.of("1 held, of which 1 were closed before"),
                        probe.ask("release"),
                        "it was opened through NamedSockets, which changed");

                int question = probe.send("accept keep");
                assertEquals("echo one", waiting.hears());
                for (String line : List.of("two", "three", "four")) {
                    try (Client client = Client.says("127.0.0.1", kept, line)) {
                        assertEquals("echo " + line, client.hears());
                    }
                }
                probe.answer(question);
            }

            int mark = probe.process().mark();
            Files.delete(file);
            probe.process().awaitLine(mark, "bound and published: 'default' (fd ");
            assertEquals(1, probe.ask("services").size(), "without a configuration the framework property applies");
        }
    }

    /** Replaces the file in one step, so that nobody reads half of it. */
    private static void edit(Path file, String content) throws IOException {
        Path next = Files.writeString(file.resolveSibling("next"), content);
        Files.setLastModifiedTime(next, FileTime.fromMillis(System.currentTimeMillis() + 2000));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static int port(List<String> services, String name) {
        Matcher matcher =
                Pattern.compile("name=" + name + ", origin=bound, port=(\\d+)").matcher(services.toString());
        assertTrue(matcher.find(), () -> name + " among " + services);
        return Integer.parseInt(matcher.group(1));
    }

    private static void assertRefused(int port) {
        try (Client client = Client.says("127.0.0.1", port, "x")) {
            throw new AssertionError("a process listens on " + port + ": " + client);
        } catch (IOException refused) {
            // Refused, as expected.
        }
    }

    @Test
    void withoutAConfigurationAdminServiceTheFrameworkPropertyApplies() throws IOException {
        Felix felix = felix(true)
                .property(ACTIVATION + ".listen", "http=127.0.0.1:0")
                .installed(Jars.of("org.apache.felix.configadmin"));
        try (ProbeProcess probe = start(felix)) {
            probe.process().awaitLine("bound and published: 'http' (fd ");
            assertEquals(List.of("http"), probe.ask("names"));
        }
    }

    @Test
    void withoutAConfigurationTheRemedyIsReported() throws IOException {
        try (ProbeProcess probe = start(felix(true))) {
            probe.process()
                    .awaitLine(
                            "This process was not activated, and nothing is bound: start it through a .socket unit, or"
                                    + " configure 'listen' of dev.mooring.activation");
            assertEquals(List.of(), probe.ask("services"));
        }
    }
}
