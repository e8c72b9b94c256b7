package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.mooring.itests.ActivatedProcess.Passed;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Uses every kind of channel on every kind of socket, in each way of running the bundle. */
@ParameterizedClass
@MethodSource("everyWay")
class EveryChannelIT {

    private enum Container {
        CLASS_PATH,
        MODULE_PATH,
        FELIX
    }

    private record Way(Jdk jdk, boolean opened, Container container) {

        List<String> command(Path directory) throws Exception {
            String activation = Jars.of("dev.mooring.activation").toString();
            if (container == Container.FELIX) {
                Felix felix = new Felix(directory)
                        .on(jdk)
                        .bundles(Path.of(activation))
                        .bundles(ProbeProcess.bundles(directory));
                return (opened ? felix.opened() : felix).command();
            }
            List<String> command = new ArrayList<>(List.of(jdk.java(), "-XX:TieredStopAtLevel=1"));
            List<Path> classPath = new ArrayList<>(List.of(Jars.testClasses()));
            if (container == Container.MODULE_PATH) {
                command.addAll(List.of(
                        "--module-path",
                        activation,
                        "--add-modules=dev.mooring.activation",
                        "--add-opens=java.base/sun.nio.ch=dev.mooring.activation"));
            } else {
                classPath.add(Path.of(activation));
                if (opened) {
                    command.add(Felix.OPENED);
                } else {
                    Stream.of("jnr-", "jffi-", "asm-").forEach(prefix -> classPath.addAll(Jars.startingWith(prefix)));
                }
            }
            command.addAll(List.of(
                    "-cp", classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator))));
            command.add(ProbeProcess.MAIN);
            return command;
        }

        @Override
        public String toString() {
            return jdk + ", " + (opened ? "opened" : "sealed") + ", "
                    + container.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    static Stream<Way> everyWay() {
        return Stream.of(Jdk.values())
                .flatMap(jdk -> Stream.of(Container.values()).flatMap(container -> Stream.of(true, false)
                        .filter(opened -> opened || container != Container.MODULE_PATH)
                        .map(opened -> new Way(jdk, opened, container))));
    }

    @TempDir
    private static Path temporary;

    @Parameter
    private Way way;

    private static Path directory;
    private static ServerSocket tcpPeer;
    private static ServerSocketChannel unixPeer;
    private static ProbeProcess probe;

    private static String abstractName() {
        return "mooring-" + ProcessHandle.current().pid() + "-" + directory.getFileName();
    }

    @BeforeParameterizedClassInvocation
    static void startTheProbe(Way way) throws Exception {
        directory = Files.createTempDirectory(temporary, "way");
        List<String> command = way.command(directory);
        tcpPeer = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        unixPeer = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(directory.resolve("peer")));
        probe = new ProbeProcess(ActivatedProcess.with(
                        "tcp4=tcp4",
                        "tcp6=tcp6",
                        "dual=dual",
                        "unix=unix:" + directory.resolve("unix"),
                        "abstract=unix:@" + abstractName(),
                        "connected=connected:" + tcpPeer.getLocalPort(),
                        "unixconnected=unixconnected:" + directory.resolve("peer"),
                        "udp4=udp4",
                        "udp6=udp6",
                        "unixdgram=unixdgram:" + directory.resolve("unixdgram"),
                        "seqpacket=seqpacket:" + directory.resolve("seqpacket"),
                        "fifo=fifo:" + directory.resolve("fifo"),
                        "file=file:/etc/passwd")
                .start(command));
    }

    @AfterParameterizedClassInvocation
    static void stopTheProbe() throws IOException {
        if (probe != null) {
            probe.close();
            tcpPeer.close();
            unixPeer.close();
            probe = null;
        }
    }

    @Test
    void theBackEndFitsTheJdkAndTheSlowOneIsReportedOnce() {
        String said = "through jnr-posix, because this JDK is sealed";
        if (!way.opened) {
            probe.process().awaitLine(said);
        }
        assertEquals(way.opened ? 1 : 2, probe.process().output().split(said, -1).length, probe.process()::output);
    }

    @Test
    void everySocketIsPublishedUnderItsName() {
        assertEquals(
                List.of("tcp4 tcp6 dual unix abstract connected unixconnected udp4 udp6 unixdgram seqpacket fifo file"),
                probe.ask("names"));
        assertEquals(List.of(), probe.ask("problems"));
    }

    @Test
    void duplicatesOfAnIpv4ListenerAccept() throws IOException {
        assertAccepts("tcp4", line -> Client.says("127.0.0.1", probe.port("tcp4"), line));
    }

    @Test
    void duplicatesOfAnIpv6ListenerAccept() throws IOException {
        assertAccepts("tcp6", line -> Client.says("::1", probe.port("tcp6"), line));
    }

    @Test
    void duplicatesOfADualStackListenerAcceptBoth() throws IOException {
        assertAccepts("dual", line -> Client.says("127.0.0.1", probe.port("dual"), line));
        assertAccepts("dual", line -> Client.says("::1", probe.port("dual"), line));
    }

    @Test
    void duplicatesOfAUnixListenerAccept() throws IOException {
        Path path = directory.resolve("unix");
        assertAccepts("unix", line -> Client.says(UnixDomainSocketAddress.of(path), line));
        assertTrue(Files.exists(path), "the path of an inherited socket stays");
    }

    @Test
    void duplicatesOfAnAbstractUnixListenerAccept() throws IOException {
        assertAccepts("abstract", line -> Client.saysToAbstract(abstractName(), line));
    }

    private interface Connect {
        Client says(String line) throws IOException;
    }

    /** Four connections wait before the first duplicate is opened. */
    private void assertAccepts(String name, Connect connect) throws IOException {
        List<Client> clients = new ArrayList<>();
        for (String line : List.of("one", "two", "three", "four")) {
            clients.add(connect.says(line));
        }
        assertEquals(
                List.of(
                        "blocking false false",
                        "echoed one",
                        "echoed two",
                        "echoed three",
                        "echoed four",
                        "then nothing waits"),
                probe.ask("accept " + name));
        for (String line : List.of("one", "two", "three", "four")) {
            try (Client client = clients.remove(0)) {
                assertEquals("echo " + line, client.hears());
            }
        }
    }

    @Test
    void duplicatesOfATcpListenerAcceptInAGivenGroup() throws IOException {
        for (String name : List.of("tcp4", "tcp6", "dual")) {
            String host = name.equals("tcp6") ? "::1" : "127.0.0.1";
            try (Client one = Client.says(host, probe.port(name), "one");
                    Client two = Client.says(host, probe.port(name), "two")) {
                assertEquals(List.of("echoed one", "echoed two"), probe.ask("asynchronous " + name), name);
                assertEquals("echo one", one.hears());
                assertEquals("echo two", two.hears());
            }
        }
    }

    @Test
    void aConnectedTcpSocketIsServed() throws IOException {
        try (Socket peer = tcpPeer.accept()) {
            peer.setSoTimeout((int) ChildProcess.PATIENCE.toMillis());
            converse("connected", peer.getInputStream(), peer.getOutputStream());
        }
    }

    @Test
    void aConnectedUnixSocketIsServed() throws IOException {
        try (SocketChannel peer = unixPeer.accept()) {
            converse("unixconnected", Channels.newInputStream(peer), Channels.newOutputStream(peer));
        }
    }

    private void converse(String name, InputStream in, OutputStream out) throws IOException {
        int question = probe.send("connected " + name);
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line : List.of("one", "two")) {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
            assertEquals("echo " + line, reader.readLine());
        }
        assertNull(reader.readLine(), "the probe has shut down its output");
        assertEquals(List.of("blocking false", "echoed one", "echoed two"), probe.answer(question));
    }

    @Test
    void datagramsAreReceivedAndSentBack() throws IOException {
        for (String name : List.of("udp4", "udp6")) {
            int question = probe.send("datagram " + name);
            String host = name.equals("udp4") ? "127.0.0.1" : "::1";
            assertEquals("echo one", Client.datagram(host, probe.port(name), "one"), name);
            assertEquals("echo two", Client.datagram(host, probe.port(name), "two"), name);
            assertEquals(
                    List.of("blocking false", "echoed one", "blocking false", "echoed two"), probe.answer(question));
        }
    }

    @Test
    void everyKindOfSocketGivesABareDescriptor() {
        assertAll(probe.process().passed().stream()
                .map(Passed::name)
                .map(name -> () -> assertEquals(
                        List.of("another number true, same file true, gone true, stays true"),
                        probe.ask("descriptor " + name),
                        name)));
    }

    @Test
    void aChannelOfTheWrongKindIsRefusedWithTheKindOfTheSocket() {
        assertAll(
                () -> assertRefuses("udp4", "server", "is an inet datagram socket, not a listening stream socket"),
                () -> assertRefuses("connected", "server", "is a connected inet stream socket, not a listening"),
                () -> assertRefuses(
                        "unix", "asynchronous", "is a listening unix stream socket, not a listening TCP socket"),
                () -> assertRefuses("tcp4", "connected", "is a listening inet stream socket, not a connected"),
                () -> assertRefuses("tcp6", "datagram", "is a listening inet6 stream socket, not a UDP socket"),
                () -> assertRefuses("unixdgram", "datagram", "the JDK has no channel for it: open the bare descriptor"),
                () -> assertRefuses("seqpacket", "server", "the JDK has no channel for it: open the bare descriptor"),
                () -> assertRefuses("fifo", "server", "is a FIFO, not a listening stream socket"),
                () -> assertRefuses("file", "datagram", "is a file, not a UDP socket"));
    }

    private void assertRefuses(String name, String kind, String why) {
        String answer = String.join("\n", probe.ask("hold " + name + " " + kind));
        String which = "fd " + probe.process().passed(name).descriptor() + " (socket '" + name + "') ";
        assertTrue(answer.contains("WrongKindException: " + which) && answer.contains(why), answer);
    }

    @Test
    void aChildProcessInheritsNoDescriptor() throws IOException {
        for (String each : List.of(
                "tcp4 server",
                "tcp6 asynchronous",
                "unix server",
                "udp4 datagram",
                "tcp4 descriptor",
                "file descriptor")) {
            assertEquals(1, probe.ask("hold " + each).size(), each);
        }
        List<String> seen = probe.ask("child");
        List<String> foreign = seen.stream()
                .filter(target -> !target.startsWith("pipe:") && !target.startsWith("/proc/"))
                .toList();
        assertEquals(List.of(), foreign);
        assertEquals(4, seen.size(), seen::toString);
        assertEquals(List.of("6 held, of which 0 were closed before"), probe.ask("release"));
    }

    @Test
    void everyDescriptorIsClosedOnExecIfFcntlExists() throws IOException {
        assumeFalse(way.opened, "the JDK's own natives cannot set FD_CLOEXEC");
        for (Passed passed : probe.process().passed()) {
            assertTrue(closedOnExec(passed.descriptor()), passed::toString);
        }
        int duplicate = Integer.parseInt(probe.ask("hold tcp4 descriptor").get(0));
        assertTrue(closedOnExec(duplicate));
        probe.ask("release");
    }

    private boolean closedOnExec(int descriptor) throws IOException {
        try (Stream<String> lines = Files.lines(probe.process().proc("fdinfo/" + descriptor))) {
            String flags =
                    lines.filter(line -> line.startsWith("flags:")).findFirst().orElseThrow();
            return (Integer.parseInt(flags.substring(6).strip(), 8) & 02000000) != 0;
        }
    }

    @Test
    void onlyASealedJdkLoadsTheNativeLibraryOfJnr() throws IOException {
        try (Stream<String> maps = Files.lines(probe.process().proc("maps"))) {
            assertEquals(!way.opened, maps.anyMatch(line -> line.contains("jffi")));
        }
    }

    @Test
    void openingAndClosingLeaksNoDescriptor() throws IOException {
        openAndClose(); // afterwards the JDK keeps what it opens only once, such as its default group
        int before = probe.process().descriptors().size();
        int rounds = 10;
        for (int round = 0; round < rounds; round++) {
            openAndClose();
        }
        int more = probe.process().descriptors().size() - before;
        assertTrue(more < rounds, more + " more; the JVM may open or close a few, but not one a round");
    }

    private void openAndClose() throws IOException {
        int before = probe.process().descriptors().size();
        for (String each :
                List.of("tcp4 server", "tcp6 asynchronous", "unix server", "udp6 datagram", "fifo descriptor")) {
            probe.ask("hold " + each);
        }
        assertTrue(probe.process().descriptors().size() > before);
        assertEquals(List.of("5 held, of which 0 were closed before"), probe.ask("release"));
    }

    @Test
    void duplicatesAreCorrectWhileOtherThreadsOpenAndCloseFiles() {
        for (String each : List.of(
                "tcp4 server", "dual asynchronous", "unix server", "udp4 datagram", "unixconnected connected")) {
            assertEquals(List.of("opened"), probe.ask("busy " + each), each);
        }
    }
}
