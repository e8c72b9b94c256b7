package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

    private static final int SWAPS = Integer.getInteger("mooring.swaps", 6);
    private static final int CLIENTS = 64;
    private static final int REQUESTS_BETWEEN = 500;
    private static final int SIZE = Integer.getInteger("mooring.swap.size", 24 << 20);
    private static final String RATE = "3M";
    private static final int LEAK_SWAPS = Integer.getInteger("mooring.swaps", 12);

    @TempDir
    private static Path bundles;

    private static Path console;

    @TempDir
    private Path directory;

    private Path files;

    @BeforeAll
    static void makeTheConsole() throws Exception {
        console = ProbeProcess.bundle("console.ConsoleActivator", bundles);
    }

    @BeforeEach
    void fillShare() throws IOException {
        files = Files.createDirectories(directory.resolve("files"));
    }

    private Distribution distribution() throws IOException {
        return new Distribution(directory, Variant.felix()).serving(files);
    }

    private static ActivatedProcess start(Distribution distribution, String... sockets) throws IOException {
        return ActivatedProcess.with(sockets)
                .variable("JAVA_HOME", distribution.javaHome())
                .variable(
                        "MOORING_JAVA_OPTIONS",
                        "-Dorg.osgi.framework.startlevel.beginning=3 -Dfelix.auto.start.3=" + console.toUri())
                .start(distribution.command());
    }

    private static void ask(ActivatedProcess mooring, String question) {
        int mark = mooring.mark();
        mooring.send(question);
        mooring.awaitLine(mark, line -> line.equals("=."), "the answer to " + question);
    }

    @Test
    @Timeout(180)
    void nobodyIsRefusedOrCutOffWhileTheHttpBundleIsReplaced() throws Exception {
        byte[] content = new byte[20_000];
        new Random(1).nextBytes(content);
        Files.write(files.resolve("f"), content);
        try (ActivatedProcess mooring = start(distribution(), "http=tcp4")) {
            assertEquals("200", Curl.status("http://127.0.0.1:" + mooring.port("http") + "/f"));
            HttpLoad load = new HttpLoad(mooring.port("http"), "/f", content, CLIENTS, CLIENTS);
            try (load) {
                for (int i = 0; i < SWAPS; i++) {
                    swap(mooring, "dev.mooring.http", i);
                    load.awaitRequests(REQUESTS_BETWEEN);
                }
            }
            System.out.println(SWAPS + " swaps of the HTTP bundle: " + load);
            assertEquals(List.of(), load.failures());
            assertTrue(load.longestMillis() < 5000, load::toString);
        }
    }

    @Test
    @Timeout(180)
    void nobodyIsRefusedOrCutOffWhileAnythingElseIsReplaced() throws Exception {
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
                for (String bundle : List.of("share", "activation", "protocol")) {
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

    /** In one of the ways that there are. */
    private static void swap(ActivatedProcess mooring, String bundle, int way) {
        switch (way % 3) {
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
    @Timeout(180)
    void transfersGoOnThroughSwapsOfTheirOwnBundle() throws Exception {
        byte[] content = new byte[SIZE];
        new Random(2).nextBytes(content);
        Files.write(files.resolve("f"), content);
        Path local = Files.write(directory.resolve("local"), content);
        Distribution distribution = distribution().servingAll(files);
        try (ActivatedProcess mooring = start(distribution, "http=tcp4", "sftp=tcp4", "ftp=tcp4", "ftp-data=tcp4*4")) {
            String http = "http://127.0.0.1:" + mooring.port("http") + "/";
            String sftp = "sftp://ada:secret@127.0.0.1:" + mooring.port("sftp") + "/";
            String ftp = "ftp://ada:secret@127.0.0.1:" + mooring.port("ftp") + "/";
            // Each has served before.
            for (String url : List.of(http, sftp, ftp)) {
                Curl.get("-k", "-r", "0-9", "-o", "/dev/null", url + "f");
            }
            List<Process> clients = new ArrayList<>();
            for (String url : List.of(http, sftp, ftp)) {
                clients.add(curl(clients.size(), "-o", directory.resolve("got" + clients.size()) + "", url + "f"));
            }
            for (String url : List.of(sftp, ftp)) {
                clients.add(curl(clients.size(), "-T", local + "", url + "put" + clients.size()));
            }
            for (int i = 0; i < clients.size(); i++) {
                awaitProgress(i);
            }
            int swaps = 0;
            while (swaps < 3 || swaps < SWAPS && clients.stream().allMatch(Process::isAlive)) {
                for (String bundle : List.of("dev.mooring.http", "dev.mooring.sftp", "dev.mooring.ftp")) {
                    swap(mooring, bundle, swaps);
                }
                swaps++;
            }
            System.out.println(swaps + " swaps of each bundle during five transfers, "
                    + clients.stream().filter(Process::isAlive).count() + " of which lasted longer");
            for (int i = 0; i < clients.size(); i++) {
                int number = i;
                assertEquals(
                        0, clients.get(i).waitFor(), () -> number + ": " + progress(number) + "\n" + mooring.output());
                Path got = i < 3 ? directory.resolve("got" + i) : files.resolve("put" + i);
                assertArrayEquals(content, Files.readAllBytes(got), () -> "transfer " + number);
            }
        }
    }

    private Process curl(int number, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "-k", "--noproxy", "*", "--limit-rate", RATE));
        command.addAll(List.of("-#", "--max-time", "170"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("curl" + number).toFile())
                .start();
    }

    private String progress(int number) {
        try {
            return Files.readString(directory.resolve("curl" + number));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void awaitProgress(int number) throws IOException, InterruptedException {
        Path moved = number < 3 ? directory.resolve("got" + number) : null;
        long deadline = System.nanoTime() + ChildProcess.PATIENCE.toNanos();
        while (moved != null && (!Files.exists(moved) || Files.size(moved) == 0)) {
            assertTrue(System.nanoTime() < deadline, () -> number + " has not begun: " + progress(number));
            Thread.onSpinWait();
        }
    }

    @Test
    @Timeout(120)
    void connectionsThatCameWhileTheBundleWasStoppedAreServed() throws Exception {
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
                    socket.setSoTimeout(20_000);
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

    @Test
    @Timeout(300)
    void swapsLeaveNothingBehind() throws Exception {
        Files.writeString(files.resolve("f"), "hello");
        try (ActivatedProcess mooring = start(distribution(), "http=tcp4", "sftp=tcp4")) {
            String url = "http://127.0.0.1:" + mooring.port("http") + "/f";
            for (int i = 0; i < 3; i++) {
                swap(mooring, "dev.mooring.http", i);
                assertEquals("hello", Curl.get(url));
            }
            int descriptors = mooring.descriptors().size();
            int threads = threads(mooring);
            for (int i = 0; i < LEAK_SWAPS; i++) {
                swap(mooring, "dev.mooring.http", i);
                assertEquals("hello", Curl.get(url));
            }
            long loaders = jcmd(mooring, "GC.class_histogram")
                    .lines()
                    .filter(line -> line.matches(".* dev\\.mooring\\.http\\.HttpServer(Config)?\\b.*"))
                    .count();
            System.out.println(LEAK_SWAPS + " swaps of the HTTP bundle: " + descriptors + " descriptors before, "
                    + mooring.descriptors().size() + " after, " + threads + " threads before, " + threads(mooring)
                    + " after, " + loaders + " times its classes");
            assertTrue(mooring.descriptors().size() <= descriptors + 3, mooring.descriptors()::toString);
            assertTrue(threads(mooring) <= threads + 5);
            assertTrue(loaders <= 2);
        }
    }

    private static int threads(ActivatedProcess mooring) throws IOException {
        try (var threads = Files.list(mooring.proc("task"))) {
            return (int) threads.count();
        }
    }

    private static String jcmd(ActivatedProcess mooring, String command) throws Exception {
        Path jcmd = Path.of(Jdk.RUNNING.java()).resolveSibling("jcmd");
        assumeTrue(Files.isExecutable(jcmd), "there is no jcmd beside java");
        Process process = new ProcessBuilder(jcmd.toString(), Long.toString(mooring.pid()), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    @Test
    @Timeout(120)
    void aJarThatIsReplacedIsServedByAtOnceAndABrokenOneLeavesTheSocketQueueing() throws Exception {
        Files.writeString(files.resolve("f"), "hello");
        Path home = Distribution.copy(directory.resolve("mooring"));
        Path jar = home.resolve("bundles/dev.mooring.http.jar");
        byte[] good = Files.readAllBytes(jar);
        try (ActivatedProcess mooring = start(distribution().at(home), "http=tcp4")) {
            mooring.awaitLine("= ready"); // and so the jars are watched
            String url = "http://127.0.0.1:" + mooring.port("http") + "/f";
            assertEquals("hello", Curl.get(url));
            replace(jar, "this is no jar".getBytes(StandardCharsets.US_ASCII));
            mooring.awaitLine("dev.mooring.http 1.0.0.SNAPSHOT is not replaced by " + jar);
            assertEquals("hello", Curl.get(url));

            replace(jar, withoutItsComponent(good));
            mooring.awaitLine("dev.mooring.http 1.0.0.SNAPSHOT is replaced by");
            mooring.awaitLine("HttpComponent");
            Process waiting = curl(9, "-o", directory.resolve("got").toString(), url);
            replace(jar, good);
            assertEquals(0, waiting.waitFor(), () -> progress(9));
            assertEquals("hello", Files.readString(directory.resolve("got")));
        }
    }

    private static byte[] withoutItsComponent(byte[] jar) throws IOException {
        ByteArrayOutputStream broken = new ByteArrayOutputStream();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(jar));
                ZipOutputStream out = new ZipOutputStream(broken)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (!entry.getName().endsWith("/HttpComponent.class")) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    in.transferTo(out);
                }
            }
        }
        return broken.toByteArray();
    }

    /** As a package manager does: whoever has the old file open keeps it. */
    private static void replace(Path file, byte[] content) throws IOException {
        Path next = Files.write(file.resolveSibling("next"), content);
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
