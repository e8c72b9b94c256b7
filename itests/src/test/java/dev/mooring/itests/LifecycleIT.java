package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The life of the runtime as its service manager sees it: ready, reloading, idle, stopping. */
class LifecycleIT {

    /** How often the process exits and is started again. */
    private static final int ROUNDS = Form.choose(2, 20);

    private static final int LARGE = 32 << 20;

    private final Variant variant;

    LifecycleIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    private Path files;
    private byte[] content;

    @BeforeEach
    void fillShare() throws IOException {
        files = Files.createDirectories(directory.resolve("files"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
        content = new byte[LARGE];
        new Random(3).nextBytes(content);
        Files.write(files.resolve("large"), content);
    }

    private Distribution distribution() throws IOException {
        return new Distribution(directory.resolve(variant.runtime()), variant).serving(files);
    }

    private static ChildProcess script(String name, List<String> arguments, String... environment) throws IOException {
        List<String> command = new ArrayList<>(List.of("perl", resource(name)));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        for (int i = 0; i < environment.length; i += 2) {
            builder.environment().put(environment[i], environment[i + 1]);
        }
        return new ChildProcess(builder);
    }

    private static String resource(String name) {
        try {
            return Path.of(LifecycleIT.class.getResource("/" + name).toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void signal(String signal, long pid) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                        .start()
                        .waitFor());
    }

    @EveryRuntime
    void theServiceManagerReceivesEventsInOrder() throws Exception {
        Distribution distribution = distribution();
        String address = directory.resolve("notify").toString();
        try (ChildProcess manager = script("notify-socket", List.of(address))) {
            manager.awaitLine("bound");
            try (ActivatedProcess mooring = ActivatedProcess.with("http=tcp4")
                    .variable("JAVA_HOME", distribution.javaHome())
                    .variable("NOTIFY_SOCKET", address)
                    .variable("WATCHDOG_USEC", "1000000")
                    .start(distribution.command())) {
                assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
                manager.awaitLine("READY=1 | STATUS=http~public 0 connected");
                manager.awaitLine("WATCHDOG=1");
                try (Socket client = new Socket("127.0.0.1", mooring.port("http"))) {
                    assertTrue(client.isConnected());
                    manager.awaitLine("STATUS=http~public 1 connected");
                }
                int mark = manager.mark();
                distribution.configure("dev.mooring.http-other.cfg", "sockets.target = (socket.name=other)");
                String reloading = manager.awaitLine(mark, "RELOADING=1 | MONOTONIC_USEC=");
                manager.awaitLine(mark, "READY=1 | STATUS=http~public 0 connected; http~other without a socket");
                long uptime = (long) (Double.parseDouble(
                                Files.readString(Path.of("/proc/uptime")).split(" ")[0])
                        * 1e6);
                long told = Long.parseLong(reloading.substring(reloading.lastIndexOf('=') + 1));
                assertTrue(Math.abs(uptime - told) < 60_000_000, reloading + ", now " + uptime);
                assertTrue(
                        Files.readString(mooring.proc("maps")).contains("jffi"),
                        "withoutANotifySocketNothingNativeIsLoaded looks for this");
                signal("TERM", mooring.pid());
                assertEquals(0, mooring.awaitExit());
                manager.awaitLine(mark, "STOPPING=1 | EXTEND_TIMEOUT_USEC=15000000 | STATUS=ending");
                String all = manager.output();
                assertTrue(all.indexOf("READY=1") < all.indexOf("RELOADING=1"), all);
                assertTrue(all.indexOf("READY=1") < all.indexOf("WATCHDOG=1"), all);
                assertFalse(mooring.output().contains("Exception"), mooring.output());
            }
        }
    }

    @OneRuntime
    void theServiceManagerCanHaveAnAbstractName() throws Exception {
        String address = "@mooring-" + ProcessHandle.current().pid();
        try (ChildProcess manager = script("notify-socket", List.of(address))) {
            manager.awaitLine("bound");
            try (ActivatedProcess mooring = ActivatedProcess.with("http=tcp4")
                    .variable("NOTIFY_SOCKET", address)
                    .start(distribution().command())) {
                manager.awaitLine("READY=1 | STATUS=http~public 0 connected");
                signal("TERM", mooring.pid());
                assertEquals(0, mooring.awaitExit());
                manager.awaitLine("STOPPING=1");
            }
        }
    }

    @OneRuntime
    void withoutAConfigurationItIsReadyAndReportsThat() throws Exception {
        String address = directory.resolve("notify").toString();
        Distribution empty = new Distribution(directory.resolve("empty"), variant);
        try (ChildProcess manager = script("notify-socket", List.of(address))) {
            manager.awaitLine("bound");
            try (ActivatedProcess mooring = ActivatedProcess.with("http=tcp4")
                    .variable("NOTIFY_SOCKET", address)
                    .start(empty.command())) {
                manager.awaitLine("READY=1 | STATUS=nothing is served; configure ");
                assertTrue(mooring.isAlive());
            }
        }
    }

    @EveryRuntime
    void everyServerThatCannotServeIsReportedInLogAndStatusWithTheReason() throws Exception {
        String address = directory.resolve("notify").toString();
        Distribution distribution = distribution()
                .configure("dev.mooring.http-lost.cfg", "share.target = (share.name=nope)")
                .configure("dev.mooring.http-filter.cfg", "share.target = (share.name=nope")
                .configure("dev.mooring.http-wrong.cfg", "base.path = x")
                .configure("dev.mooring.sftp-public.cfg", "host.key.directory = " + directory.resolve("host-keys"))
                .configure("dev.mooring.sftpp-x.cfg", "sockets.target = (socket.name=sftp)");
        try (ChildProcess manager = script("notify-socket", List.of(address))) {
            manager.awaitLine("bound");
            try (ActivatedProcess mooring = ActivatedProcess.with("http=tcp4", "sftp=tcp4")
                            .variable("JAVA_HOME", distribution.javaHome())
                            .variable("NOTIFY_SOCKET", address)
                            .start(distribution.command());
                    Socket queued = new Socket("127.0.0.1", mooring.port("sftp"))) {
                mooring.awaitLine(
                        "http~lost serves nobody: it waits for a share by the filter (share.name=nope); the names"
                                + " that there are: [default]. Configure dev.mooring.share-NAME.cfg, or correct share.target.");
                mooring.awaitLine(
                        "sftp~public serves nobody: it waits for accounts by the filter (accounts.name=default);");
                mooring.awaitLine("http~wrong serves nothing: base.path = 'x' does not start with '/'");
                mooring.awaitLine("dev.mooring.sftpp-x.cfg is not used");
                mooring.awaitLine("http~filter");
                manager.awaitLine("; sftpp~x is read by no ");
                String status =
                        manager.awaitLine("; sftp~public waits for accounts by the filter (accounts.name=default)");
                assertTrue(status.contains("STATUS=http~public 0 connected; http~filter "), status);
                assertTrue(status.contains("; http~lost waits for a share by the filter (share.name=nope);"), status);
                assertTrue(status.contains("; http~wrong its configuration is wrong: base.path = 'x'"), status);
                Path passwords =
                        Files.writeString(directory.resolve("passwords"), "ada:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
                distribution.configure("dev.mooring.accounts-default.cfg", "passwords = " + passwords);
                queued.setSoTimeout((int) ChildProcess.PATIENCE.toMillis());
                assertEquals("SSH-", new String(queued.getInputStream().readNBytes(4), StandardCharsets.US_ASCII));
                manager.awaitLine("STATUS=http~public 0, sftp~public 1 connected; http~filter ");
            }
        }
    }

    @OneRuntime
    void withoutANotifySocketNothingNativeIsLoaded() throws Exception {
        Distribution distribution = distribution().configure("dev.mooring.systemd.cfg", "idle.exit = 300");
        try (ActivatedProcess mooring = distribution.start("http=tcp4", "spare=tcp4")) {
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
            mooring.awaitLine(" uses 'spare'"); // logged after some seconds
            String maps = Files.readString(mooring.proc("maps"));
            assertFalse(maps.contains("jffi"), maps);
        }
    }

    @OneRuntime
    void aNotifySocketWithoutAListenerIsReportedOnce() throws Exception {
        Path gone = directory.resolve("gone");
        try (ActivatedProcess mooring = ActivatedProcess.with("http=tcp4")
                .variable("NOTIFY_SOCKET", gone.toString())
                .variable("WATCHDOG_USEC", "200000")
                .start(distribution().command())) {
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
            String line = mooring.awaitLine("systemd cannot be notified");
            assertTrue(line.contains(gone + ": No such file or directory; "), line);
            signal("TERM", mooring.pid());
            assertEquals(0, mooring.awaitExit());
            assertEquals(
                    1,
                    mooring.output()
                            .lines()
                            .filter(each -> each.contains("be notified"))
                            .count());
        }
    }

    private static final List<String> LIBRARIES =
            List.of("org/eclipse/jetty/", "org/apache/sshd/", "dev/mooring/ftp/internal/session/FtpEngine");

    /** All protocols, with a missing host key, which is reported when everything is ready. */
    private ActivatedProcess startAll(Path used) throws IOException {
        Distribution distribution = distribution()
                .servingAll(files)
                .configure("dev.mooring.sftp-public.cfg", "host.keys = " + directory.resolve("none"));
        return ActivatedProcess.with("http=tcp4", "sftp=tcp4", "ftp=tcp4")
                .variable("JAVA_HOME", distribution.javaHome())
                .variable("MOORING_JAVA_OPTIONS", "-Xlog:class+init:file=" + used)
                .start(distribution.command());
    }

    /** Libraries of which a class is initialised. A loaded class is no sign of use, because the JVM loads those of an archive anyway. */
    private static List<String> used(Path log) throws IOException {
        String classes = Files.readString(log);
        assertTrue(classes.contains(" Initializing 'dev/mooring/sftp/SftpServer'"), "the server class is initialised");
        return LIBRARIES.stream()
                .filter(library -> classes.contains(" Initializing '" + library))
                .toList();
    }

    @OneRuntime
    void theFirstConnectionInitialisesOnlyItsProtocolsLibrary() throws Exception {
        Path classes = directory.resolve("classes");
        try (ActivatedProcess mooring = startAll(classes)) {
            for (String name : List.of("http", "sftp", "ftp")) {
                mooring.awaitLine(name + "~public serves share");
            }
            mooring.awaitLine("sftp~public does not use host key");
            assertEquals(List.of(), used(classes));
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
            assertEquals(List.of("org/eclipse/jetty/"), used(classes));
            assertEquals("hello\n", Curl.get("ftp://ada:secret@127.0.0.1:" + mooring.port("ftp") + "/hello.txt"));
            assertFalse(used(classes).contains("org/apache/sshd/"));
        }
    }

    /** A client that has begun a download and reads on demand. */
    private static final class Download implements AutoCloseable {

        final Socket socket = new Socket();
        private final InputStream in;

        Download(int port) throws IOException {
            socket.setReceiveBufferSize(64 << 10);
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            socket.setSoTimeout((int) ChildProcess.PATIENCE.toMillis());
            socket.getOutputStream()
                    .write("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            assertTrue(head.toString().startsWith("HTTP/1.1 200"), head::toString);
        }

        byte[] rest() throws IOException {
            return in.readNBytes(LARGE);
        }

        boolean isBrokenOff() {
            try {
                return rest().length < LARGE;
            } catch (IOException reset) {
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Waits until only the passed descriptor of the first socket is open. */
    private static void awaitNobodyAccepts(ActivatedProcess mooring) throws Exception {
        String socket = mooring.descriptor(3).orElseThrow();
        mooring.awaitDescriptors(open -> Collections.frequency(open, socket) == 1, "the server closing its duplicate");
    }

    @EveryRuntime
    void aDownloadFinishesAfterSigtermHoweverEarlyItArrives() throws Exception {
        try (ActivatedProcess mooring = distribution().start("http=tcp4");
                Download download = new Download(mooring.port("http"))) {
            signal("TERM", mooring.pid());
            awaitNobodyAccepts(mooring); // not for a log line, because the log may be closed
            assertArrayEquals(content, download.rest(), mooring::output);
            download.socket.close(); // the server would close a kept connection only after some seconds
            int status = mooring.awaitExit();
            assertTrue(
                    status == 0 || status == 128 + 15,
                    "before everything has started, the JVM sets the status: " + status);
            assertFalse(mooring.output().contains("Exception"), mooring.output());
        }
    }

    /** Actions from the first SIGTERM on. */
    @FunctionalInterface
    private interface End {
        void of(ChildProcess manager, ActivatedProcess mooring, Download download) throws Exception;
    }

    /** Sends SIGTERM to a ready process during a download. */
    private void endDuringADownload(Distribution distribution, End end) throws Exception {
        String address = directory.resolve("notify").toString();
        try (ChildProcess manager = script("notify-socket", List.of(address))) {
            manager.awaitLine("bound");
            try (ActivatedProcess mooring = ActivatedProcess.with("http=tcp4")
                            .variable("NOTIFY_SOCKET", address)
                            .start(distribution.command());
                    Download download = new Download(mooring.port("http"))) {
                manager.awaitLine("READY=1");
                signal("TERM", mooring.pid());
                end.of(manager, mooring, download);
            }
        }
    }

    @OneRuntime
    void aSecondSigtermStopsTheProcessAtOnce() throws Exception {
        endDuringADownload(distribution(), (manager, mooring, download) -> {
            mooring.awaitLine("http~public drains 1 connections");
            signal("TERM", mooring.pid());
            assertEquals(128 + 15, mooring.awaitExit());
            assertTrue(download.isBrokenOff());
        });
    }

    @OneRuntime
    void theServiceRequestsMoreTimeDuringTransfers() throws Exception {
        endDuringADownload(distribution(), (manager, mooring, download) -> {
            manager.awaitLine("STOPPING=1 | EXTEND_TIMEOUT_USEC=15000000 | STATUS=ending; http~public 1 connected");
            manager.awaitLine("EXTEND_TIMEOUT_USEC=15000000 | STATUS=ending; http~public 1 connected");
            assertArrayEquals(content, download.rest());
            assertEquals(0, mooring.awaitExit());
        });
    }

    @OneRuntime
    void aTransferLongerThanTheDrainTimeoutIsAborted() throws Exception {
        Distribution distribution = distribution()
                .configure("dev.mooring.http-public.cfg", "sockets.target = (socket.name=http)", "drain.timeout = 1");
        endDuringADownload(distribution, (manager, mooring, download) -> {
            mooring.awaitLine("http~public closes 1 connections");
            mooring.awaitExit();
            assertTrue(download.isBrokenOff());
        });
    }

    @OneRuntime
    void anInvalidIdleTimeIsReported() throws Exception {
        Distribution distribution =
                distribution().configure("dev.mooring.systemd.cfg", "idle.exit = soon", "idel.exit = 3");
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            mooring.awaitLine("dev.mooring.systemd: idle.exit = 'soon' is no time");
            mooring.awaitLine("unknown key 'idel.exit'");
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
        }
    }

    @OneRuntime
    void aProcessThatBoundItsSocketsNeverExitsWhenIdle() throws Exception {
        Distribution distribution = distribution()
                .configure("dev.mooring.activation.cfg", "listen = http=127.0.0.1:0")
                .configure("dev.mooring.systemd.cfg", "idle.exit = 1");
        try (ActivatedProcess mooring = distribution.start()) {
            mooring.awaitLine("http~public serves share");
            // Meanwhile an activated process would exit.
            try (ActivatedProcess activated = distribution()
                    .configure("dev.mooring.systemd.cfg", "idle.exit = 1")
                    .start("http=tcp4")) {
                assertEquals(0, activated.awaitExit());
            }
            assertTrue(mooring.isAlive(), mooring.output());
        }
    }

    /** Waits longer than an idle process with {@code idle.exit = 1} lives. */
    private void outliveAnIdleProcess() throws Exception {
        Path other = Files.createTempDirectory(directory, "idle");
        try (ActivatedProcess idle = new Distribution(other, variant)
                .serving(files)
                .configure("dev.mooring.systemd.cfg", "idle.exit = 1")
                .start("http=tcp4")) {
            assertEquals(0, idle.awaitExit());
        }
    }

    @OneRuntime
    void aForeignBundleKeepsTheProcessWhileItHasAConnectionOrInhibits() throws Exception {
        Path echo = ProbeProcess.bundle("foreign.EchoActivator", directory);
        Path path = directory.resolve("admin");
        Distribution distribution = new Distribution(directory, Variant.felix())
                .serving(files)
                .configure("dev.mooring.systemd.cfg", "idle.exit = 1");
        try (ActivatedProcess mooring = ActivatedProcess.with("http=tcp4", "admin=tcp6", "admin=unix:" + path)
                .variable("JAVA_HOME", distribution.javaHome())
                .variable(
                        "MOORING_JAVA_OPTIONS",
                        "-Dorg.osgi.framework.startlevel.beginning=4 -Dfelix.auto.start.4=" + echo.toUri())
                .start(distribution.command())) {
            try (Client unix = Client.says(UnixDomainSocketAddress.of(path), "unix")) {
                assertEquals("echo unix", unix.hears());
                outliveAnIdleProcess();
                assertTrue(mooring.isAlive(), mooring.output());
            }
            try (Client tcp = Client.says("::1", mooring.port("admin"), "tcp")) {
                assertEquals("echo tcp", tcp.hears());
                outliveAnIdleProcess();
                assertTrue(mooring.isAlive(), mooring.output());
                tcp.say("inhibit");
                assertEquals("echo inhibit", tcp.hears());
            }
            outliveAnIdleProcess();
            assertTrue(mooring.isAlive(), mooring.output());
            try (Client last = Client.says("::1", mooring.port("admin"), "release")) {
                assertEquals("echo release", last.hears());
            }
            assertEquals(0, mooring.awaitExit());
        }
    }

    /**
     * Clients connect when the process is about to exit, exits, or has exited: some at random, some when its log reports the
     * exit.
     */
    @OneRuntime
    @Timeout(900)
    void noClientIsRefusedWhileTheProcessExitsAndStartsAgain() throws Exception {
        Distribution distribution = distribution().configure("dev.mooring.systemd.cfg", "idle.exit = 1");
        List<String> command = new ArrayList<>(List.of("http"));
        command.addAll(distribution.command());
        Random random = new Random();
        List<Long> waits = new ArrayList<>();
        try (ChildProcess keeper = script("keep", command, "JAVA_HOME", distribution.javaHome())) {
            int port = Integer.parseInt(keeper.awaitLine("port ").substring(5));
            for (int round = 0; round < ROUNDS; round++) {
                int mark = keeper.mark();
                waits.addAll(all(List.of(visit(port, 0))));
                boolean whenItLeaves = round % 2 == 0;
                if (whenItLeaves) {
                    keeper.awaitLine(mark, "exiting until the next connection");
                }
                List<CompletableFuture<Long>> visits = new ArrayList<>();
                for (int client = 0; client < 16; client++) {
                    visits.add(visit(port, random.nextInt(whenItLeaves ? 250 : 3500)));
                }
                waits.addAll(all(visits));
                keeper.awaitLine(mark, "ended 0 0");
            }
            keeper.await(
                    lines -> lines.stream().filter("ended 0 0"::equals).count() < ROUNDS
                            ? Optional.empty()
                            : Optional.of(true),
                    ROUNDS + " ends");
            long ends = keeper.output().lines().filter("ended 0 0"::equals).count();
            assertEquals(
                    ends,
                    keeper.output()
                            .lines()
                            .filter(line -> line.startsWith("ended"))
                            .count());
            System.out.printf(
                    "idle exit: %d ends, %d clients, none refused or reset; the longest waited %d ms%n",
                    ends,
                    waits.size(),
                    waits.stream().mapToLong(each -> each).max().orElse(0));
        }
    }

    private static List<Long> all(List<CompletableFuture<Long>> visits) {
        return visits.stream().map(CompletableFuture::join).toList();
    }

    /**
     * Requests a file after some time, once, on a new connection (an {@code HttpURLConnection} would silently try
     * again).
     *
     * @return the milliseconds that the request took
     */
    private static CompletableFuture<Long> visit(int port, int delayMillis) {
        Executor later = CompletableFuture.delayedExecutor(
                delayMillis, TimeUnit.MILLISECONDS, task -> new Thread(task, "visitor").start());
        return CompletableFuture.supplyAsync(
                () -> {
                    long begun = System.nanoTime();
                    try (Socket socket = new Socket("127.0.0.1", port)) {
                        socket.setSoTimeout((int) ChildProcess.PATIENCE.toMillis());
                        socket.getOutputStream()
                                .write("GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
                        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                        assertTrue(answer.startsWith("HTTP/1.1 200 ") && answer.endsWith("\r\n\r\nhello\n"), answer);
                        return Duration.ofNanos(System.nanoTime() - begun).toMillis();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                later);
    }
}
