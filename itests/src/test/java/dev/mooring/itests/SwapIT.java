package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Protocol bundles are replaced in the assembled runtime while clients use them. */
class SwapIT {

    private static final int SWAPS = Form.choose(6, 60);
    private static final int CLIENTS = 64;
    private static final int REQUESTS_BETWEEN = Form.choose(500, 4000);
    private static final int SESSION_SWAPS = Form.choose(1, 3);
    private static final int TRANSFER_SWAPS = Form.choose(6, 10);

    /** Size of a transfer. Half of it moves between the swaps; the rest is more than all buffers on the way can hold. */
    private static final int SIZE = Form.choose(64 << 20, 1 << 30);

    private static final int RESTARTS = Form.choose(2, 20);
    /**
     * Caches of the JDK, such as java.lang.runtime.ObjectMethods, keep the classes that used them last, and so perhaps one framework that has ended. A leak would
     * keep each.
     */
    private static final int LOADERS_OF_A_FRAMEWORK = 8;

    private static final int LEAK_SWAPS = Form.choose(12, 200);

    @TempDir
    private static Path bundles;

    private static Path console;
    private static Path home;

    @TempDir
    private Path directory;

    private Path files;

    @BeforeAll
    static void makeTheConsole() throws Exception {
        console = ProbeProcess.bundle("console.ConsoleActivator", bundles);
        home = Distribution.copyWithBundles(bundles.resolve("mooring"));
    }

    @BeforeEach
    void fillShare() throws IOException {
        files = Files.createDirectories(directory.resolve("files"));
    }

    private Distribution distribution() throws IOException {
        return new Distribution(directory, Variant.felix()).at(home).serving(files);
    }

    private ActivatedProcess start(Distribution distribution, String... sockets) throws IOException {
        return start("", distribution, sockets);
    }

    private ActivatedProcess start(String option, Distribution distribution, String... sockets) throws IOException {
        return ActivatedProcess.with(sockets)
                .variable("JAVA_HOME", distribution.javaHome())
                .variable(
                        "MOORING_JAVA_OPTIONS",
                        "-Dorg.osgi.framework.startlevel.beginning=4 -Dfelix.auto.start.4=" + console.toUri()
                                + " -Djava.io.tmpdir=" + Files.createDirectories(directory.resolve("temporary")) + " "
                                + option)
                .start(distribution.command());
    }

    private static void ask(ActivatedProcess mooring, String question) {
        int mark = mooring.mark();
        mooring.send(question);
        mooring.awaitLine(mark, line -> line.equals("=."), "the answer to " + question);
    }

    @Test
    @Timeout(600)
    void noConnectionIsRefusedOrCutWhileTheHttpBundleIsReplaced() throws Exception {
        byte[] content = new byte[20_000];
        new Random(1).nextBytes(content);
        Files.write(files.resolve("f"), content);
        try (ActivatedProcess mooring = start(distribution(), "http=tcp4")) {
            assertEquals("200", Curl.status("http://127.0.0.1:" + mooring.port("http") + "/f"));
            HttpLoad load = new HttpLoad(mooring.port("http"), "/f", content, CLIENTS, CLIENTS);
            long start = System.nanoTime();
            try (load) {
                for (int i = 0; i < SWAPS; i++) {
                    swap(mooring, "dev.mooring.http", i);
                    load.awaitRequests(REQUESTS_BETWEEN);
                }
            }
            System.out.println(SWAPS + " swaps of the HTTP bundle in "
                    + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) + " s: " + load);
            assertEquals(List.of(), load.failures());
        }
    }

    @Test
    @Timeout(300)
    void noConnectionIsRefusedOrCutWhileAnythingElseIsReplaced() throws Exception {
        byte[] content = new byte[20_000];
        new Random(3).nextBytes(content);
        Files.write(files.resolve("f"), content);
        Path moved = Files.createDirectories(directory.resolve("moved"));
        Files.write(moved.resolve("f"), content);
        Distribution distribution = distribution();
        try (ActivatedProcess mooring = start(distribution, "http=tcp4")) {
            assertEquals("200", Curl.status("http://127.0.0.1:" + mooring.port("http") + "/f"));
            HttpLoad load = new HttpLoad(mooring.port("http"), "/f", content, 8, 8);
            try (load) {
                int mark = mooring.mark();
                distribution.configure("dev.mooring.http-public.cfg", "cache.size = 0");
                mooring.awaitLine(mark, "serves share 'default'");
                load.awaitRequests(REQUESTS_BETWEEN);
                mark = mooring.mark();
                distribution.configure("dev.mooring.share-default.cfg", "root = " + moved.toUri());
                mooring.awaitLine(mark, "serves share 'default'");
                load.awaitRequests(REQUESTS_BETWEEN);
                for (String bundle : List.of("share", "accounts", "common", "activation", "protocol")) {
                    mark = mooring.mark();
                    swap(mooring, "dev.mooring." + bundle, 2);
                    mooring.awaitLine(mark, "serves share 'default'");
                    load.awaitRequests(REQUESTS_BETWEEN);
                }
            }
            System.out.println("swaps of configuration, share, activation and protocol: " + load);
            assertEquals(List.of(), load.failures());
        }
    }

    @Test
    @Timeout(300)
    void noConnectionIsRefusedOrCutWhileTheFrameworkRestarts() throws Exception {
        byte[] content = new byte[20_000];
        new Random(4).nextBytes(content);
        Files.write(files.resolve("f"), content);
        try (ActivatedProcess mooring = start(distribution(), "http=tcp4", "spare=tcp4")) {
            mooring.awaitLine("= ready");
            awaitLastBundle(mooring);
            // Libraries stay loaded, and may keep the classes of the first bundles that used them (BundleClasses).
            for (int i = 0; i < 2; i++) {
                restart(mooring);
                try (HttpLoad first = new HttpLoad(mooring.port("http"), "/f", content, 8, 8)) {
                    first.awaitRequests(REQUESTS_BETWEEN);
                }
            }
            Belongings before = belongings(mooring);
            HttpLoad load = new HttpLoad(mooring.port("http"), "/f", content, 8, 8);
            try (load) {
                for (int i = 0; i < RESTARTS; i++) {
                    restart(mooring);
                    load.awaitRequests(REQUESTS_BETWEEN);
                }
            }
            assertEquals(List.of(), load.failures());
            System.out.println(RESTARTS + " restarts of the framework: " + load + "; "
                    + awaitNoMoreThan(before, LOADERS_OF_A_FRAMEWORK, mooring));
        }
    }

    private static void restart(ActivatedProcess mooring) {
        int mark = mooring.mark();
        ask(mooring, "restart");
        mooring.awaitLine(mark, "= ready");
        awaitLastBundle(mooring);
    }

    /** The bundles that no client waits for are installed after the others have started; this is the last of them. */
    private static void awaitLastBundle(ActivatedProcess mooring) {
        int mark;
        do {
            mark = mooring.mark();
            ask(mooring, "start dev.mooring.systemd");
        } while (mooring.output().lines().skip(mark).noneMatch("= active"::equals));
    }

    /** Swaps a bundle in one of four ways. */
    private static void swap(ActivatedProcess mooring, String bundle, int way) throws IOException {
        switch (way % 4) {
            case 3 -> {
                Path jar = home.resolve("bundles").resolve(bundle + ".jar");
                replaceAndAwait(mooring, jar, Files.readAllBytes(jar));
            }
            case 0 -> {
                ask(mooring, "stop " + bundle);
                ask(mooring, "start " + bundle);
            }
            case 1 -> ask(mooring, "update " + bundle);
            default -> {
                ask(mooring, "update " + bundle);
                ask(mooring, "refresh " + bundle);
            }
        }
    }

    @Test
    @Timeout(900)
    void transfersContinueThroughSwapsOfTheirBundle() throws Exception {
        Path file = writeRandom(files.resolve("f"), SIZE);
        Distribution distribution = distribution().servingAll(files);
        for (String protocol : List.of("http", "sftp", "ftp")) {
            distribution.append("dev.mooring." + protocol + "-public.cfg", "drain.timeout = 600");
        }
        try (ActivatedProcess mooring = start(distribution, "http=tcp4", "sftp=tcp4", "ftp=tcp4", "ftp-data=tcp4*4")) {
            String http = "http://127.0.0.1:" + mooring.port("http") + "/";
            String sftp = "sftp://ada:secret@127.0.0.1:" + mooring.port("sftp") + "/";
            String ftp = "ftp://ada:secret@127.0.0.1:" + mooring.port("ftp") + "/";
            // Each server has served before.
            for (String url : List.of(http, sftp, ftp)) {
                Curl.get("-k", "-r", "0-9", "-o", "/dev/null", url + "f");
            }
            List<Transfer> transfers = new ArrayList<>();
            try {
                for (String url : List.of(http, sftp, ftp)) {
                    transfers.add(new Download(url + "f", file));
                }
                for (String name : List.of("sftp", "ftp")) {
                    String url = name.equals("sftp") ? sftp : ftp;
                    transfers.add(new Upload(url + name, file, files.resolve(name)));
                }
                for (int i = 0; i < TRANSFER_SWAPS; i++) {
                    for (String protocol : List.of("http", "sftp", "ftp")) {
                        for (Transfer each : transfers) {
                            each.move(SIZE / 2 / (TRANSFER_SWAPS * 3));
                        }
                        swap(mooring, "dev.mooring." + protocol, i);
                    }
                }
                for (Transfer each : transfers) {
                    assertTrue(each.curl.isAlive(), each::failure);
                }
                for (Transfer each : transfers) {
                    each.finish();
                }
            } catch (IOException | AssertionError e) {
                throw new AssertionError(mooring.output(), e);
            } finally {
                transfers.forEach(each -> each.curl.destroy());
            }
            System.out.println(
                    TRANSFER_SWAPS + " swaps of each bundle during five transfers of " + (SIZE >> 20) + " MiB");
        }
    }

    /** One transfer after the other over one control connection, before, during and after each swap, with one socket for the data connections of all. */
    @Test
    @Timeout(300)
    void ftpSessionsContinueThroughSwapsOfTheirBundle() throws Exception {
        Files.writeString(files.resolve("f"), "hello");
        try (ActivatedProcess mooring = start(distribution().servingAll(files), "ftp=tcp4", "ftp-data=tcp4")) {
            String url = "ftp://ada:secret@127.0.0.1:" + mooring.port("ftp") + "/f";
            assertEquals("hello", Curl.get(url));
            for (int way = 0; way < 4; way++) {
                AtomicBoolean swapped = new AtomicBoolean();
                FtpTalk talk = new FtpTalk(mooring.port("ftp")).logIn();
                FutureTask<Integer> session = new FutureTask<>(() -> {
                    int transfers = 0;
                    try (talk) {
                        for (boolean last = false; !last; transfers++) {
                            last = swapped.get();
                            assertEquals("hello", talk.retrieve("f"));
                        }
                    }
                    return transfers;
                });
                new Thread(session, "session").start();
                swap(mooring, "dev.mooring.ftp", way);
                assertEquals("hello", Curl.get(url));
                swapped.set(true);
                int transfers = session.get();
                System.out.println("FTP, way " + way + ": " + transfers + " transfers of one session through a swap");
            }
        }
    }

    /** Sessions that are idle meanwhile, and a download that takes longer than the time for a drain. */
    @Test
    @Timeout(300)
    void sessionsContinueAfterANewJarHasReplacedTheirs() throws Exception {
        Path file = writeRandom(files.resolve("f"), SIZE);
        Files.writeString(files.resolve("hello"), "hello");
        Distribution distribution = distribution().servingAll(files);
        for (String protocol : List.of("http", "sftp", "ftp")) {
            distribution.append("dev.mooring." + protocol + "-public.cfg", "drain.timeout = 1");
        }
        OpenSsh client = new OpenSsh(directory.resolve("client"));
        Files.writeString(
                Files.createDirectories(directory.resolve("authorized")).resolve("ada"), client.publicKey("ed25519"));
        try (ActivatedProcess mooring = start(distribution, "http=tcp4", "sftp=tcp4", "ftp=tcp4", "ftp-data=tcp4");
                ChildProcess sftp = client.beginSftp(mooring.port("sftp"));
                FtpTalk ftp = new FtpTalk(mooring.port("ftp")).logIn()) {
            Download download = new Download("http://127.0.0.1:" + mooring.port("http") + "/f", file);
            try {
                download.move(1 << 20);
                sftp.send("mkdir before");
                sftp.send("ls -l");
                sftp.awaitLine(0, line -> line.startsWith("d") && line.endsWith(" before"), "a listing");
                for (int i = 0; i < SESSION_SWAPS; i++) {
                    for (String protocol : List.of("sftp", "ftp", "http")) {
                        Path jar = home.resolve("bundles/dev.mooring." + protocol + ".jar");
                        replaceAndAwait(mooring, jar, Files.readAllBytes(jar));
                    }
                }

                assertEquals("hello", ftp.retrieve("hello"));
                assertTrue(ftp.say("MKD made").startsWith("257"));
                // Most of these commands are new to the old server.
                for (String command : List.of(
                        "get hello got",
                        "put got put",
                        "rename put renamed",
                        "chmod 600 renamed",
                        "ln -s renamed link",
                        "ln renamed second",
                        "df",
                        "rm second",
                        "rmdir before",
                        "ls -l renamed")) {
                    sftp.send(command);
                }
                sftp.awaitLine(0, line -> line.startsWith("-rw-------"), "a listing");
                assertEquals("hello", Files.readString(files.resolve("link")));
                download.finish();

                // A changed configuration is for the sessions of the old servers too.
                distribution.append("dev.mooring.sftp-public.cfg", "max.channels = 9");
                sftp.awaitLine("The server is stopping");
                // So is the end of the process.
                kill("TERM", mooring);
                assertTrue(ftp.hear().startsWith("421 "));
            } catch (IOException | AssertionError e) {
                throw new AssertionError(mooring.output() + sftp.output(), e);
            } finally {
                download.curl.destroy();
            }
        }
    }

    /** A transfer by curl. The test controls its progress, so it cannot end too early. */
    private abstract class Transfer {

        final Path file;
        final Process curl;
        private final Path errors;

        /** Begins to transfer the file through curl's standard input or output. */
        Transfer(Path file, String... arguments) throws IOException {
            this.file = file;
            errors = Files.createTempFile(directory, "curl", ".errors");
            List<String> command = new ArrayList<>(List.of("curl", "-sS", "-k", "--noproxy", "*", "--max-time", "800"));
            command.addAll(List.of(arguments));
            curl = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        }

        /** Lets further bytes through and waits for them. */
        abstract void move(int bytes) throws IOException;

        /** Lets the rest through and compares the content. */
        abstract void finish() throws Exception;

        final void awaitEnd() throws InterruptedException {
            assertEquals(0, curl.waitFor(), this::failure);
        }

        final String failure() {
            try {
                return curl.info().commandLine().orElse("curl has ended") + ": " + Files.readString(errors);
            } catch (IOException e) {
                return e.toString();
            }
        }
    }

    private final class Download extends Transfer {

        private final InputStream expected;

        Download(String url, Path file) throws IOException {
            super(file, url);
            expected = Files.newInputStream(file);
        }

        @Override
        void move(int bytes) throws IOException {
            assertArrayEquals(expected.readNBytes(bytes), curl.getInputStream().readNBytes(bytes), this::failure);
        }

        @Override
        void finish() throws Exception {
            try (expected) {
                int piece = 1 << 20;
                while (expected.available() > 0) {
                    move(piece);
                }
                move(1); // one byte too many
            }
            awaitEnd();
        }
    }

    private final class Upload extends Transfer {

        private final InputStream content;
        private final Path target;

        Upload(String url, Path file, Path target) throws IOException {
            super(file, "-T", "-", url);
            this.target = target;
            content = Files.newInputStream(file);
        }

        @Override
        void move(int bytes) throws IOException {
            curl.getOutputStream().write(content.readNBytes(bytes));
        }

        @Override
        void finish() throws Exception {
            try (content;
                    OutputStream out = curl.getOutputStream()) {
                content.transferTo(out);
            }
            awaitEnd();
            assertEquals(-1, Files.mismatch(file, target), target::toString);
        }
    }

    private static Path writeRandom(Path file, int size) throws IOException {
        byte[] piece = new byte[1 << 20];
        Random random = new Random(2);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int written = 0; written < size; written += piece.length) {
                random.nextBytes(piece);
                out.write(piece);
            }
        }
        return file;
    }

    @Test
    @Timeout(300)
    void connectionsToAStoppedBundleAreServedLater() throws Exception {
        Files.writeString(files.resolve("f"), "hello");
        try (ActivatedProcess mooring = start(distribution(), "http=tcp4")) {
            int port = mooring.port("http");
            assertEquals("hello", Curl.get("http://127.0.0.1:" + port + "/f"));
            ask(mooring, "stop dev.mooring.http");
            List<Socket> waiting = new ArrayList<>();
            try {
                for (int i = 0; i < 1000; i++) {
                    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                    waiting.add(socket);
                    socket.setSoTimeout((int) ChildProcess.PATIENCE.toMillis());
                    socket.getOutputStream()
                            .write("GET /f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes());
                }
                ask(mooring, "start dev.mooring.http");
                for (Socket socket : waiting) {
                    String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    assertTrue(answer.startsWith("HTTP/1.1 200 ") && answer.endsWith("\r\nhello"), answer);
                }
            } finally {
                for (Socket socket : waiting) {
                    socket.close();
                }
            }
        }
    }

    /** As on a busy machine, or after a virtual machine was paused: the connections seem idle, but their requests have arrived. */
    @Test
    @Timeout(300)
    void requestsToASuspendedProcessThatDrainsAreAnswered() throws Exception {
        assumeTrue(Form.LONG, "takes 6 s");
        Files.writeString(files.resolve("f"), "hello");
        byte[] request = "GET /f HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        try (ActivatedProcess mooring = start(distribution(), "http=tcp4")) {
            List<Socket> clients = new ArrayList<>();
            try {
                for (int i = 0; i < 100; i++) {
                    Socket client = new Socket(InetAddress.getLoopbackAddress(), mooring.port("http"));
                    clients.add(client);
                    client.setSoTimeout((int) ChildProcess.PATIENCE.toMillis());
                    client.getOutputStream().write(request);
                    StringBuilder answer = new StringBuilder();
                    while (!answer.toString().endsWith("\r\n\r\nhello")) {
                        answer.append((char) client.getInputStream().read());
                    }
                }
                ask(mooring, "stop dev.mooring.http");
                kill("STOP", mooring);
                for (Socket client : clients) {
                    client.getOutputStream().write(request);
                }
                new ProcessBuilder("sleep", "6").start().waitFor();
                kill("CONT", mooring);
                for (Socket client : clients) {
                    String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                    assertTrue(answer.contains("HTTP/1.1 200 ") && answer.endsWith("hello"), answer);
                }
            } finally {
                for (Socket client : clients) {
                    client.close();
                }
            }
        }
    }

    private static void kill(String signal, ActivatedProcess process) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor());
    }

    @Test
    @Timeout(900)
    void swapsLeakNothing() throws Exception {
        Files.writeString(files.resolve("f"), "hello");
        try (ActivatedProcess mooring = start(distribution(), "http=tcp4", "sftp=tcp4")) {
            String url = "http://127.0.0.1:" + mooring.port("http") + "/f";
            for (int i = 0; i < 3; i++) {
                swap(mooring, "dev.mooring.http", i);
                assertEquals("hello", Curl.get(url));
            }
            Belongings before = belongings(mooring);
            for (int i = 0; i < LEAK_SWAPS; i++) {
                swap(mooring, "dev.mooring.http", i);
                assertEquals("hello", Curl.get(url));
            }
            System.out.println(LEAK_SWAPS + " swaps of the HTTP bundle: " + awaitNoMoreThan(before, 1, mooring));
        }
    }

    /** Resources of a process that a swap could leak. */
    private record Belongings(int descriptors, int threads, int classLoaders, int files) {

        boolean isNoMoreThan(Belongings before, int moreLoaders) {
            return descriptors <= before.descriptors + 3
                    && threads <= before.threads + 5
                    && classLoaders <= before.classLoaders + moreLoaders
                    && files <= before.files + 3;
        }
    }

    /** Waits until the process has no more than before. The timer that reports unused sockets lives for some seconds. */
    private String awaitNoMoreThan(Belongings before, int moreLoaders, ActivatedProcess mooring) throws Exception {
        long deadline = System.nanoTime() + ChildProcess.PATIENCE.toNanos();
        while (true) {
            Belongings after = belongings(mooring);
            if (after.isNoMoreThan(before, moreLoaders)) {
                return "before " + before + ", after " + after;
            }
            assertTrue(System.nanoTime() < deadline, () -> before + " grew to " + after);
        }
    }

    private Belongings belongings(ActivatedProcess mooring) throws Exception {
        // Counts after a garbage collection.
        int loaders = jcmd(mooring, "GC.class_histogram")
                .lines()
                .filter(line -> line.matches(".*\\.(BundleWiringImpl\\$BundleClassLoader|BundleClasses)\\b.*"))
                .mapToInt(line -> Integer.parseInt(line.strip().split("\\s+")[1]))
                .sum();
        int threads = 0;
        try (var tasks = Files.newDirectoryStream(mooring.proc("task"));
                var files = Files.walk(directory)) {
            for (Path task : tasks) {
                // The number of threads that serve requests depends on the load.
                threads += isServing(task) ? 0 : 1;
            }
            return new Belongings(mooring.descriptors().size(), threads, loaders, (int) files.count());
        }
    }

    /** Whether a thread serves requests or has ended. */
    private static boolean isServing(Path task) throws IOException {
        try {
            return Files.readString(task.resolve("comm")).startsWith("http~public-");
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    private static String jcmd(ActivatedProcess mooring, String... command) throws Exception {
        Path jcmd = Path.of(Jdk.RUNNING.java()).resolveSibling("jcmd");
        assumeTrue(Files.isExecutable(jcmd), "the JDK has no jcmd");
        List<String> all = new ArrayList<>(List.of(jcmd.toString(), Long.toString(mooring.pid())));
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    @Test
    @Timeout(300)
    void aReplacedJarServesAndABrokenOneIsNotNoticedByClients() throws Exception {
        Files.writeString(files.resolve("f"), "hello");
        Path shipped = Distribution.copy(directory.resolve("mooring"));
        Path jar = shipped.resolve("bundles/dev.mooring.http.jar");
        byte[] good = Files.readAllBytes(Jars.of("dev.mooring.http"));
        try (ActivatedProcess mooring = start(distribution().at(shipped), "http=tcp4")) {
            mooring.awaitLine("= ready"); // from then on the jars are watched
            String url = "http://127.0.0.1:" + mooring.port("http") + "/f";
            assertEquals("hello", Curl.get(url));
            replace(jar, "this is no jar".getBytes(StandardCharsets.US_ASCII));
            mooring.awaitLine("dev.mooring.http 1.0.0.SNAPSHOT is not replaced by " + jar);
            assertEquals("hello", Curl.get(url));

            replace(jar, good);
            mooring.awaitLine("dev.mooring.http 1.0.0.SNAPSHOT is replaced by");
            assertEquals("hello", Curl.get(url));

            // A bundle that cannot serve costs nothing.
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), mooring.port("http"))) {
                client.setSoTimeout((int) ChildProcess.PATIENCE.toMillis());
                int mark = mooring.mark();
                replace(jar, without("/HttpComponent.class", good));
                mooring.awaitLine(mark, "is not replaced by " + jar + ": none of its components has started");
                assertEquals("hello", Curl.get(url));
                mark = mooring.mark();
                replace(jar, without("/JettyEngine.class", good));
                mooring.awaitLine(mark, "A new http~public does not take over from the running one");
                mooring.awaitLine(mark, "is not replaced by " + jar + ": it cannot serve, see the messages above");
                client.getOutputStream().write("GET /f HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
            }

            ask(mooring, "stop dev.mooring.deploy");
            replace(jar, good);
            int mark = mooring.mark();
            ask(mooring, "start dev.mooring.deploy");
            mooring.awaitLine(mark, "dev.mooring.http 1.0.0.SNAPSHOT is replaced by");
            mark = mooring.mark();
            replace(
                    shipped.resolve("bundles/dev.mooring.protocol.jar"),
                    Files.readAllBytes(Jars.of("dev.mooring.protocol")));
            mooring.awaitLine(mark, "dev.mooring.protocol 1.0.0.SNAPSHOT is replaced by");
            long served = mooring.output()
                    .lines()
                    .skip(mark)
                    .filter(line -> line.contains("http~public serves share"))
                    .count();
            assertEquals(1, served, "each revision is started once");
            assertEquals("hello", Curl.get(url));
        }
    }

    /** Nothing of these jars is installed, and the watch goes on. */
    @Test
    @Timeout(300)
    void aJarThatIsWrongOrTooEarlyIsNotInstalled() throws Exception {
        Files.writeString(files.resolve("f"), "hello");
        Path shipped = Distribution.copy(directory.resolve("mooring"));
        Path jar = shipped.resolve("bundles/dev.mooring.http.jar");
        byte[] good = Files.readAllBytes(Jars.of("dev.mooring.http"));
        try (ActivatedProcess mooring = start(distribution().at(shipped), "http=tcp4")) {
            mooring.awaitLine("= ready");
            byte[] damaged = good.clone();
            Arrays.fill(damaged, good.length / 2, good.length / 2 + 2000, (byte) 0);
            for (byte[] each : List.of(
                    damaged,
                    with("Bundle-Version", "1.0-SNAPSHOT", good),
                    with("Bundle-SymbolicName", ";", good),
                    with("Require-Capability", "dev.mooring.next", good))) {
                int mark = mooring.mark();
                replace(jar, each);
                mooring.awaitLine(mark, "dev.mooring.http 1.0.0.SNAPSHOT is not replaced by " + jar);
                assertEquals("hello", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/f"));
            }
            // The last one is good when the bundle that it needs has come.
            int mark = mooring.mark();
            replace(
                    shipped.resolve("bundles/dev.mooring.protocol.jar"),
                    with(
                            "Provide-Capability",
                            "dev.mooring.next",
                            Files.readAllBytes(Jars.of("dev.mooring.protocol"))));
            mooring.awaitLine(mark, "dev.mooring.protocol 1.0.0.SNAPSHOT is replaced by");
            mooring.awaitLine(mark, "dev.mooring.http 1.0.0.SNAPSHOT is replaced by");
            assertEquals("hello", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/f"));
        }
    }

    /** A server may need a class or a resource of its jar for the first time when the file is another one, or when the bundle is gone. */
    @Test
    @Timeout(300)
    void aServerNeedsItsJarNoMore() throws Exception {
        byte[] content = Files.readAllBytes(writeRandom(files.resolve("f"), 32 << 20));
        Path shipped = Distribution.copy(directory.resolve("mooring"));
        Path jar = shipped.resolve("bundles/dev.mooring.http.jar");
        byte[] good = Files.readAllBytes(Jars.of("dev.mooring.http"));
        Files.write(jar, good);
        try (ActivatedProcess mooring = start(distribution().at(shipped), "http=tcp4")) {
            mooring.awaitLine("= ready");
            String url = "http://127.0.0.1:" + mooring.port("http") + "/f";
            assertEquals("200", Curl.status("-I", url));
            Files.write(jar, Arrays.copyOf(good, good.length / 3)); // in place
            mooring.awaitLine("dev.mooring.http 1.0.0.SNAPSHOT is not replaced by " + jar);
            assertEquals("206", Curl.status("-r", "1-3,5-9", url));

            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), mooring.port("http"))) {
                client.setSoTimeout((int) ChildProcess.PATIENCE.toMillis());
                client.getOutputStream()
                        .write("GET /f HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                InputStream in = client.getInputStream();
                String header = header(in);
                assertTrue(header.startsWith("HTTP/1.1 200 "), header);
                replaceAndAwait(mooring, jar, good);
                assertArrayEquals(content, in.readNBytes(content.length));
                String page = header(in);
                assertTrue(page.startsWith("HTTP/1.1 200 "), page);
            }
        }
    }

    private static String header(InputStream in) throws IOException {
        StringBuilder header = new StringBuilder();
        while (header.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertTrue(next >= 0, () -> "closed after: " + header);
            header.append((char) next);
        }
        return header.toString();
    }

    @Test
    @Timeout(300)
    void aServerThatIsRemovedDuringAReplacementIsNotWaitedFor() throws Exception {
        Files.writeString(files.resolve("f"), "hello");
        Path shipped = Distribution.copy(directory.resolve("mooring"));
        Distribution distribution = distribution()
                .at(shipped)
                .configure("dev.mooring.http-other.cfg", "sockets.target = (socket.name=other)");
        try (ActivatedProcess mooring = start(distribution, "http=tcp4", "other=tcp4")) {
            mooring.awaitLine("= ready");
            assertEquals("hello", Curl.get("http://127.0.0.1:" + mooring.port("other") + "/f"));
            replace(shipped.resolve("bundles/dev.mooring.http.jar"), Files.readAllBytes(Jars.of("dev.mooring.http")));
            mooring.awaitLine("is ready, and waits for [http~");
            distribution.remove("dev.mooring.http-other.cfg");
            mooring.awaitLine("dev.mooring.http 1.0.0.SNAPSHOT is replaced by");
            assertEquals("hello", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/f"));
        }
    }

    /** A library that runs is loaded and compiled. A new jar with the same one uses it; a jar with another version has its own. */
    @Test
    @Timeout(300)
    void aReplacementUsesTheLibrariesThatRunIfItsOwnAreTheSame() throws Exception {
        Files.writeString(files.resolve("f.moor"), "hello");
        Path shipped = Distribution.copy(directory.resolve("mooring"));
        Path jar = shipped.resolve("bundles/dev.mooring.http.jar");
        byte[] good = Files.readAllBytes(Jars.of("dev.mooring.http"));
        Path log = Files.createDirectories(directory.resolve("temporary")).resolve("classes");
        try (ActivatedProcess mooring =
                start("-Xlog:class+load:file=" + log, distribution().at(shipped), "http=tcp4")) {
            mooring.awaitLine("= ready");
            String url = "http://127.0.0.1:" + mooring.port("http") + "/f.moor";
            assertEquals("hello application/octet-stream", Curl.get("-w", " %{content_type}", url));
            assertEquals(1, timesLoaded("org.eclipse.jetty.server.Server", log));
            assertEquals(1, timesLoaded("dev.mooring.http.HttpServer", log));

            replaceAndAwait(mooring, jar, changed(good, "/content-types", types -> "audio/moor moor\n"
                    .getBytes(StandardCharsets.US_ASCII)));
            assertEquals("hello audio/moor", Curl.get("-w", " %{content_type}", url), "the resources of the new jar");
            assertEquals(1, timesLoaded("org.eclipse.jetty.server.Server", log));
            assertEquals(2, timesLoaded("dev.mooring.http.HttpServer", log));

            replaceAndAwait(
                    mooring,
                    jar,
                    changed(
                            good,
                            "/jetty-server.jar",
                            library -> changed(library, "/MovedContextHandler.class", content -> null)));
            assertEquals("hello application/octet-stream", Curl.get("-w", " %{content_type}", url));
            assertEquals(2, timesLoaded("org.eclipse.jetty.server.Server", log));
            assertEquals(3, timesLoaded("dev.mooring.http.HttpServer", log));

            // A bundle below it is replaced, and then the bundle itself.
            replaceAndAwait(
                    mooring,
                    shipped.resolve("bundles/dev.mooring.protocol.jar"),
                    Files.readAllBytes(Jars.of("dev.mooring.protocol")));
            replaceAndAwait(mooring, jar, good);
            assertEquals("hello", Curl.get(url));
            // Felix loaded the jar with another library again, because it uses the bundle below it.
            assertEquals(3, timesLoaded("org.eclipse.jetty.server.Server", log));
            assertEquals(5, timesLoaded("dev.mooring.http.HttpServer", log));
        }
    }

    private static long timesLoaded(String type, Path log) throws IOException {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(" " + type + " source: ")).count();
        }
    }

    /** Adds an entry to a header of a jar's manifest, or replaces the header if it has one value. */
    private static byte[] with(String header, String value, byte[] jar) throws IOException {
        return changed(jar, "META-INF/MANIFEST.MF", content -> {
            Manifest manifest = new Manifest(new ByteArrayInputStream(content));
            Attributes headers = manifest.getMainAttributes();
            headers.putValue(header, header.endsWith("-Capability") ? headers.getValue(header) + "," + value : value);
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            manifest.write(written);
            return written.toByteArray();
        });
    }

    private static byte[] without(String path, byte[] jar) throws IOException {
        return changed(jar, path, content -> null);
    }

    /** Changes the content of an entry of a jar. */
    private static byte[] changed(byte[] jar, String path, Change change) throws IOException {
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(jar));
                ZipOutputStream out = new ZipOutputStream(changed)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                if (entry.getName().endsWith(path)) {
                    content = change.apply(content);
                }
                if (content != null) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    out.write(content);
                }
            }
        }
        return changed.toByteArray();
    }

    private interface Change {
        /** Returns the new content, or null to leave the entry out. */
        byte[] apply(byte[] content) throws IOException;
    }

    private static void replaceAndAwait(ActivatedProcess mooring, Path jar, byte[] content) throws IOException {
        int mark = mooring.mark();
        replace(jar, content);
        String bundle = jar.getFileName().toString().replace(".jar", "");
        mooring.awaitLine(mark, bundle + " 1.0.0.SNAPSHOT is replaced by");
    }

    /** Replaces a file as a package manager does: processes with the old file open keep it. */
    private static void replace(Path file, byte[] content) throws IOException {
        Path next = Files.write(file.resolveSibling("next"), content);
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
