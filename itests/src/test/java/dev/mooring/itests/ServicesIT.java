package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.itests.ActivatedProcess.Passed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sockets as services, in a Felix with only the activation bundle. */
class ServicesIT {

    private static final String ACTIVATION = "dev.mooring.activation";

    @TempDir
    private static Path bundles;

    private static Path[] probeBundles;
    private static Path holderBundle;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeTheBundles() throws Exception {
        probeBundles = ProbeProcess.bundles(bundles);
        holderBundle = ProbeProcess.bundle("probe.HolderActivator", bundles);
    }

    private Felix felix(boolean opened) {
        Felix felix = new Felix(directory).bundles(Jars.of(ACTIVATION)).bundles(probeBundles);
        return opened ? felix.opened() : felix;
    }

    /** The jars of the distribution. Their libraries are beside them, where another framework does not find them. */
    @ParameterizedTest
    @ValueSource(strings = {"activation", "accounts", "http", "sftp"})
    void aJarWithoutItsLibrariesNamesTheRightOne(String name) throws IOException {
        Path modules = Distribution.home().resolve("modules");
        // Provides Declarative Services in name, so that nothing else is missing.
        Felix felix = new Felix(directory)
                .property(
                        "org.osgi.framework.system.capabilities.extra",
                        "osgi.extender;osgi.extender=osgi.component;version:Version=1.5.0");
        for (String each : List.of("activation", "common", "share", "accounts", "protocol")) {
            if (!each.equals(name)) {
                felix.installed(Jars.of("dev.mooring." + each));
            }
        }
        felix.bundles(modules.resolve("dev.mooring." + name + ".jar"));
        try (ActivatedProcess framework = ActivatedProcess.with("http=tcp4").start(felix.command())) {
            framework.awaitLine("(take=dev.mooring:dev.mooring." + name + ":");
        }
    }

    @ParameterizedTest(name = "[{index}] opened: {0}")
    @ValueSource(booleans = {true, false})
    @SuppressWarnings("try") // the peers only accept connections
    void everyKindOfSocketHasItsServiceProperties(boolean opened) throws IOException {
        String name = "mooring-properties-" + ProcessHandle.current().pid();
        try (ServerSocket tcpPeer = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                ServerSocketChannel unixPeer = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(directory.resolve("peer")));
                ProbeProcess probe = new ProbeProcess(ActivatedProcess.with(
                                "http=tcp4",
                                "http=tcp6",
                                "dual=dual",
                                "unix=unix:" + directory.resolve("unix"),
                                "abstract=unix:@" + name,
                                "dgram=unixdgram:" + directory.resolve("dgram"),
                                "seq=seqpacket:" + directory.resolve("seq"),
                                "udp4=udp4",
                                "udp6=udp6",
                                "connected=connected:" + tcpPeer.getLocalPort(),
                                "unixconnected=unixconnected:" + directory.resolve("peer"),
                                "=fifo:" + directory.resolve("fifo"),
                                "file=file:/etc/passwd")
                        .start(felix(opened).command()))) {
            List<String> expected = List.of(
                    inet("127.0.0.1", "inet", 3, true, "http", probe, "stream"),
                    inet("::1", "inet6", 4, true, "http", probe, "stream"),
                    inet("::", "inet6", 5, true, "dual", probe, "stream"),
                    other("address=" + directory.resolve("unix") + ", ", "unix", 6, true, "unix", "stream"),
                    other("address=@" + name + ", ", "unix", 7, true, "abstract", "stream"),
                    other("address=" + directory.resolve("dgram") + ", ", "unix", 8, false, "dgram", "datagram"),
                    other("address=" + directory.resolve("seq") + ", ", "unix", 9, true, "seq", "seqpacket"),
                    inet("127.0.0.1", "inet", 10, false, "udp4", probe, "datagram"),
                    inet("::1", "inet6", 11, false, "udp6", probe, "datagram"),
                    inet("127.0.0.1", "inet", 12, false, "connected", probe, "stream"),
                    other("", "unix", 13, false, "unixconnected", "stream"),
                    other("address=" + directory.resolve("fifo") + ", ", "none", 14, false, "", "fifo"),
                    other("address=/etc/passwd, ", "none", 15, false, "file", "file"));
            assertEquals(expected, probe.ask("services"));
            assertEquals(List.of(), probe.ask("problems"));
            probe.process().awaitLine("Sockets published: 13: 'http' (fd 3, listening inet stream socket 127.0.0.1:");
        }
    }

    private static String inet(
            String address, String family, int fd, boolean listening, String name, ProbeProcess probe, String type) {
        int port = probe.process().passed().get(fd - 3).port();
        return "{address=" + address + ", family=" + family + ", fd=" + fd + ":Integer, listening=" + listening
                + ":Boolean, name=" + name + ", origin=inherited, port=" + port + ":Integer, type=" + type + "}";
    }

    private static String other(String address, String family, int fd, boolean listening, String name, String type) {
        return "{" + address + "family=" + family + ", fd=" + fd + ":Integer, listening=" + listening
                + ":Boolean, name=" + name + ", origin=inherited, type=" + type + "}";
    }

    @ParameterizedTest(name = "[{index}] opened: {0}")
    @ValueSource(booleans = {true, false})
    void aVsockIsPublishedIfTheKernelHasIt(boolean opened) throws IOException, InterruptedException {
        Process tried =
                new ProcessBuilder("perl", ActivatedProcess.script().toString(), "v=vsock", "--", "true").start();
        assumeTrue(tried.waitFor() == 0, "this kernel has no vsock");
        try (ProbeProcess probe = new ProbeProcess(
                ActivatedProcess.with("v=vsock").start(felix(opened).command()))) {
            String service = probe.ask("services").get(0);
            assertTrue(
                    service.matches("\\{address=4294967295, family=vsock, fd=3:Integer, listening=true:Boolean, name=v,"
                            + " origin=inherited, port=\\d+:(Integer|Long), type=stream}"),
                    service);
            assertTrue(String.join("\n", probe.ask("hold v server"))
                    .contains("is a listening vsock stream socket, not a listening stream socket;"
                            + " the JDK has no channel for it: open the bare descriptor"));
            assertEquals(
                    List.of("another number true, same file true, gone true, stays true"), probe.ask("descriptor v"));
        }
    }

    @ParameterizedTest(name = "[{index}] opened: {0}")
    @ValueSource(booleans = {true, false})
    void theGoodSocketsArePublishedAndTheClosedOnesAreErrors(boolean opened) throws IOException {
        try (ProbeProcess probe = new ProbeProcess(ActivatedProcess.with("a=tcp4", "b=closed", "c=tcp4")
                .variable("LISTEN_FDS", "5")
                .variable("LISTEN_FDNAMES", "a:b:c:d:e")
                .start(felix(opened).command()))) {
            String problem =
                    "fd 4 (socket 'b'), fd 6 (socket 'd'), fd 7 (socket 'e') are not open, though LISTEN_FDS=5;"
                            + " the launcher must pass descriptors 3 to 7";
            assertEquals(List.of(problem), probe.ask("problems"));
            assertEquals(List.of("a c"), probe.ask("names"));
            assertEquals(2, probe.ask("services").size());
            probe.process().awaitLine("SEVERE: " + problem);
            String missing = probe.ask("get b").get(0);
            assertTrue(
                    missing.startsWith("java.io.IOException: No socket is named 'b': the sockets are 'a' (fd 3, ")
                            && missing.endsWith("; set FileDescriptorName=b in the .socket unit. " + problem),
                    missing);
        }
    }

    @Test
    void malformedVariablesAreErrorsAndNothingIsBoundInstead() throws IOException {
        try (ProbeProcess probe = new ProbeProcess(ActivatedProcess.with("a=tcp4")
                .variable("LISTEN_FDS", "one")
                .start(felix(true)
                        .property(ACTIVATION + ".listen", "a=127.0.0.1:0")
                        .command()))) {
            probe.process().awaitLine("SEVERE: LISTEN_FDS=one is not the number of descriptors passed");
            assertEquals(List.of(), probe.ask("services"));
            assertEquals(1, probe.ask("problems").size());
        }
    }

    @Test
    void withTooFewNamesEverySocketIsUnknown() throws IOException {
        try (ProbeProcess probe = new ProbeProcess(ActivatedProcess.with("a=tcp4", "b=tcp4")
                .variable("LISTEN_FDNAMES", "a")
                .start(felix(true).command()))) {
            probe.process().awaitLine("SEVERE: LISTEN_FDNAMES=a has 1 name but LISTEN_FDS=2");
            assertEquals(List.of("unknown"), probe.ask("names"));
            assertEquals(2, probe.ask("services").size());
        }
    }

    @ParameterizedTest(name = "[{index}] opened: {0}")
    @ValueSource(booleans = {true, false})
    void theActivationBundleCanRestartAndBeUpdatedWhileClientsConnect(boolean opened) throws IOException {
        Path path = directory.resolve("unix");
        try (ProbeProcess probe = new ProbeProcess(ActivatedProcess.with("tcp=tcp4", "unix=unix:" + path)
                .start(felix(opened).command()))) {
            Optional<String> inherited = probe.process().descriptor(3);
            List<String> before = probe.ask("services");
            for (String change : List.of("start", "update")) {
                assertEquals(List.of("held"), probe.ask("hold tcp server"));
                assertEquals(List.of("resolved"), probe.ask("stop " + ACTIVATION));
                assertEquals(
                        List.of("1 held, of which 1 were closed before"),
                        probe.ask("release"),
                        probe.process()::output);
                assertEquals(List.of(), probe.ask("services"));
                assertTrue(
                        probe.ask("stale server").get(0).endsWith("; get the service again"),
                        "a released socket opens nothing");
                try (Clients tcp = new Clients();
                        Clients unix = new Clients()) {
                    for (String line : Clients.LINES) {
                        tcp.add(Client.says("127.0.0.1", probe.port("tcp"), line));
                        unix.add(Client.says(UnixDomainSocketAddress.of(path), line));
                    }
                    if (change.equals("update")) {
                        assertEquals(List.of("installed or 2"), probe.ask("update " + ACTIVATION));
                        assertEquals(List.of("resolved"), probe.ask("refresh " + ACTIVATION));
                    }
                    assertEquals(List.of("active"), probe.ask("start " + ACTIVATION));
                    assertEquals(before, probe.ask("services"));
                    probe.ask("accept tcp");
                    probe.ask("accept unix");
                    tcp.hearTheirEchoes();
                    unix.hearTheirEchoes();
                }
            }
            assertEquals(List.of("active"), probe.ask("update " + ACTIVATION), "updates while it is active");
            assertEquals(List.of("active"), probe.ask("refresh " + ACTIVATION));
            assertEquals(before, probe.ask("services"));
            assertEquals(List.of(), probe.ask("problems"));
            assertEquals(inherited, probe.process().descriptor(3));
        }
        assertTrue(Files.exists(path), "the path of an inherited socket is never removed");
    }

    /** The clients that the probe accepts for one question. */
    private static final class Clients implements AutoCloseable {

        static final List<String> LINES = List.of("one", "two", "three", "four");

        private final List<Client> clients = new ArrayList<>();

        void add(Client client) {
            clients.add(client);
        }

        void hearTheirEchoes() throws IOException {
            for (int i = 0; i < clients.size(); i++) {
                assertEquals("echo " + LINES.get(i), clients.get(i).hears());
            }
        }

        @Override
        public void close() throws IOException {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    @ParameterizedTest(name = "[{index}] opened: {0}")
    @ValueSource(booleans = {true, false})
    void duplicatesThatABundleLeavesOpenAreClosedWhenItStops(boolean opened) throws IOException {
        try (ProbeProcess probe = new ProbeProcess(ActivatedProcess.with(
                        "tcp=tcp4",
                        "unix=unix:" + directory.resolve("unix"),
                        "udp=udp6",
                        "fifo=fifo:" + directory.resolve("fifo"))
                .start(felix(opened).bundles(holderBundle).command()))) {
            probe.process()
                    .awaitLine("= holder opened 16"); // 3 of tcp, 2 of unix, 2 of udp, 1 of the FIFO, by two services
            for (Passed passed : probe.process().passed()) {
                int duplicates = List.of(6, 4, 4, 2).get(passed.descriptor() - 3);
                assertEquals(1 + duplicates, open(probe, passed), passed::toString);
            }
            assertEquals(List.of("resolved"), probe.ask("stop dev.mooring.itests.probe.HolderActivator"));
            for (Passed passed : probe.process().passed()) {
                assertEquals(1, open(probe, passed), passed::toString);
            }
            assertEquals(
                    List.of("holder opened 16", "active"), probe.ask("start dev.mooring.itests.probe.HolderActivator"));
            assertEquals(List.of("resolved"), probe.ask("stop " + ACTIVATION));
            for (Passed passed : probe.process().passed()) {
                assertEquals(1, open(probe, passed), "the activation bundle closes the duplicates");
            }
        }
    }

    /** Number of descriptors of the process that refer to the passed one. */
    private static long open(ProbeProcess probe, Passed passed) throws IOException {
        String target = probe.process().descriptor(passed.descriptor()).orElseThrow();
        return probe.process().descriptors().stream().filter(target::equals).count();
    }

    @Test
    void aThousandSocketsArePublished() throws IOException {
        try (ProbeProcess probe = new ProbeProcess(
                ActivatedProcess.with("many=tcp4*1000").start(felix(true).command()))) {
            assertEquals(List.of("1000"), probe.ask("count"));
            List<String> services = probe.ask("services");
            assertEquals(1000, services.size());
            Passed last = probe.process().passed().get(999);
            assertEquals(1002, last.descriptor());
            assertTrue(services.get(999).contains("port=" + last.port() + ":Integer"), services.get(999));
            assertEquals(List.of(), probe.ask("problems"));
            probe.process().awaitLine("Sockets published: 1000: ");
            assertTrue(probe.process().output().contains(" and 990 more"));
        }
    }
}
