package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.osgi.Jar;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The assembled runtime with inherited sockets; the client is curl. */
class RuntimeIT {

    private final Variant variant;

    RuntimeIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    private Path files;

    @BeforeEach
    void fillShare() throws IOException {
        files = Files.createDirectories(directory.resolve("files"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
    }

    private Distribution distribution() throws IOException {
        return new Distribution(directory, variant);
    }

    @EveryRuntime
    void threeSocketsNamedHttpShareAServerAndTheOneNamedAdminHasItsOwn() throws Exception {
        Path secret = Files.createDirectories(directory.resolve("admin"));
        Files.writeString(secret.resolve("hello.txt"), "hello admin\n");
        Distribution distribution = distribution()
                .serving(files)
                .configure("dev.mooring.share-inside.cfg", "root = " + secret)
                .configure(
                        "dev.mooring.http-admin.cfg",
                        "sockets.target = (socket.name=admin)",
                        "share.target = (share.name=inside)",
                        "base.path = /inside");
        Path unix = directory.resolve("http.sock");
        try (ActivatedProcess mooring =
                distribution.start("http=tcp4", "admin=tcp4", "http=tcp6", "http=unix:" + unix)) {
            List<ActivatedProcess.Passed> passed = mooring.passed();
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + passed.get(0).port() + "/hello.txt"));
            assertEquals("hello\n", Curl.get("http://[::1]:" + passed.get(2).port() + "/hello.txt"));
            assertEquals("hello\n", Curl.get("--unix-socket", unix.toString(), "http://localhost/hello.txt"));
            String admin = "http://127.0.0.1:" + mooring.port("admin");
            assertEquals("hello admin\n", Curl.get(admin + "/inside/hello.txt"));
            assertEquals("404", Curl.status(admin + "/hello.txt"));
            assertFalse(mooring.output().contains("Exception"), mooring.output());
        }
        assertTrue(Files.exists(unix), "the path of an inherited socket must stay");
    }

    /** The operator put the jar there before an upgrade of the distribution. */
    @OneRuntime
    void aJarThatHidesANewerOneIsReportedAtTheStart() throws Exception {
        Path home = Distribution.copy(directory.resolve("mooring"));
        Path old = home.resolve("bundles/dev.mooring.http.jar");
        try (Jar jar = new Jar(Jars.of("dev.mooring.http").toFile())) {
            jar.getManifest().getMainAttributes().putValue("Bundle-Version", "0.9.0");
            jar.write(old.toFile());
        }
        Distribution distribution =
                new Distribution(directory, Variant.felix()).at(home).serving(files);
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
            String line = mooring.awaitLine(
                    old + " (0.9.0) is used in place of " + home.resolve("modules/dev.mooring.http.jar"));
            assertTrue(line.endsWith("which is newer; remove it to use that"), line);
        }
    }

    /** Such jars are in modules/, so operators have them at hand. */
    @OneRuntime
    void aJarWithoutItsLibrariesReplacesTheShippedOneAtTheStartAndLater() throws Exception {
        Path home = Distribution.copy(directory.resolve("mooring"));
        Path jar = home.resolve("bundles/dev.mooring.http.jar");
        Path modules = home.resolve("modules/dev.mooring.http.jar");
        Distribution distribution =
                new Distribution(directory, Variant.felix()).at(home).serving(files);
        for (int start = 0; start < 2; start++) {
            try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
                String url = "http://127.0.0.1:" + mooring.port("http") + "/hello.txt";
                assertEquals("hello\n", Curl.get(url));
                if (start > 0) {
                    mooring.awaitLine(jar + " (");
                }
                int mark = mooring.mark();
                Files.copy(modules, home.resolve("next"));
                Files.setLastModifiedTime(
                        home.resolve("next"), FileTime.from(Instant.now().plusSeconds(start)));
                Files.move(home.resolve("next"), jar, StandardCopyOption.REPLACE_EXISTING);
                mooring.awaitLine(mark, "is replaced by");
                assertEquals("hello\n", Curl.get(url));
                assertFalse(mooring.output().contains("NoClassDefFoundError"), mooring.output());
            }
        }
    }

    @OneRuntime
    void aFileThatIsNoBundleLeavesTheShippedOneInPlace() throws Exception {
        Path home = Distribution.copy(directory.resolve("mooring"));
        Path bad = Files.writeString(home.resolve("bundles/dev.mooring.http.jar"), "no jar");
        Distribution distribution =
                new Distribution(directory, Variant.felix()).at(home).serving(files);
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
            mooring.awaitLine(bad + " is no bundle (");
        }
    }

    @OneRuntime
    void anUnwritableCacheFailsTheStartWithTheReason() throws Exception {
        Distribution distribution = new Distribution(directory, Variant.felix()).serving(files);
        Path cache =
                Files.writeString(directory.resolve("cache-" + Variant.felix().runtime()), "a file");
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            assertEquals(2, mooring.awaitExit());
            mooring.awaitLine("'" + cache + "' is no directory that ");
        }
    }

    @OneRuntime
    void onlyAFailureOfTheCacheNamesTheCache() throws Exception {
        Distribution distribution = new Distribution(directory, Variant.felix()).serving(files);
        try (ActivatedProcess mooring = ActivatedProcess.with("http=tcp4")
                .variable("MOORING_JAVA_OPTIONS", "-Dorg.osgi.framework.storage=/proc/none")
                .start(distribution.command())) {
            mooring.awaitLine("The framework cannot start: Unable to create cache directory. Its cache is ");
        }
        try (ActivatedProcess mooring = ActivatedProcess.with("http=tcp4")
                .variable("MOORING_JAVA_OPTIONS", "-Dfelix.systembundle.activators=none")
                .start(distribution.command())) {
            String line = mooring.awaitLine("The framework cannot start: java.lang.ClassCastException: ");
            assertFalse(line.contains("cache"), line);
        }
    }

    @OneRuntime
    void duplicatesInTheConfigurationAreReported() throws Exception {
        Distribution distribution = distribution()
                .serving(files)
                .configure("dev.mooring.http-second.cfg", "sockets.target = (socket.name=http)")
                .configure("dev.mooring.share-twin.cfg", "root = " + files, "name = default");
        Files.writeString(directory.resolve("conf/dev.mooring.ftp-public.conf"), "");
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            mooring.awaitLine("so each connection goes to one of them by chance");
            mooring.awaitLine("have the name 'default', and servers use only one of them");
            mooring.awaitLine("dev.mooring.ftp-public.conf is not read; name it .cfg");
        }
    }

    @EveryRuntime
    void otherKindsOfSocketsAreReportedAndTheRestIsServed() throws Exception {
        try (ActivatedProcess mooring = distribution()
                .serving(files)
                .start(
                        "http=udp4",
                        "http=closed",
                        "http=fifo:" + directory.resolve("fifo"),
                        "http=tcp4",
                        "spare=tcp4")) {
            String url = "http://127.0.0.1:" + mooring.passed().get(3).port();
            assertEquals("hello\n", Curl.get(url + "/hello.txt"));
            assertTrue(mooring.awaitLine("fd 3").contains("datagram"));
            assertTrue(mooring.awaitLine("fd 4 (socket 'http') is not open").contains("LISTEN_FDS=5"));
            assertTrue(mooring.awaitLine("fd 5").contains("fifo"));
            mooring.awaitLine(" uses 'spare' (fd 7");
        }
    }

    @OneRuntime
    void aMalformedVariableIsReported() throws Exception {
        try (ActivatedProcess mooring = ActivatedProcess.with("http=tcp4")
                .variable("LISTEN_FDS", "x")
                .start(distribution().serving(files).command())) {
            mooring.awaitLine("LISTEN_FDS=x is not the number of descriptors");
            mooring.awaitLine("http~public has no socket");
        }
    }

    @OneRuntime
    void aServerWithoutASocketReportsTheExistingNames() throws Exception {
        Distribution distribution = distribution()
                .serving(files)
                .configure("dev.mooring.http-other.cfg", "sockets.target = (socket.name=other)");
        try (ActivatedProcess mooring = distribution.start("http=tcp4", "admin=tcp4")) {
            String line = mooring.awaitLine("no socket matches (socket.name=other)");
            assertTrue(line.contains("http~other") && line.contains("[http, admin]"), line);
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
        }
    }

    @OneRuntime
    void aMissingRootIsReportedAndServedWhenItExists() throws Exception {
        Path late = directory.resolve("late");
        Distribution distribution = distribution()
                .serving(late)
                .configure("dev.mooring.share-file.cfg", "root = " + files.resolve("hello.txt"))
                .configure(
                        "dev.mooring.http-file.cfg",
                        "sockets.target = (socket.name=file)",
                        "share.target = (share.name=file)");
        try (ActivatedProcess mooring = distribution.start("http=tcp4", "file=tcp4")) {
            String url = "http://127.0.0.1:" + mooring.port("http") + "/";
            assertEquals("503", Curl.status(url));
            assertTrue(mooring.awaitLine("Share 'default'").contains("does not exist"));
            assertEquals("503", Curl.status("http://127.0.0.1:" + mooring.port("file") + "/"));
            mooring.awaitLine("Share 'file'");
            Files.createDirectories(late);
            assertEquals("200", Curl.status(url));
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    @OneRuntime
    void anUnknownConfigurationKeyIsReported() throws Exception {
        Distribution distribution = distribution()
                .configure("dev.mooring.share-default.cfg", "root = " + files, "readonly = true")
                .configure("dev.mooring.http-public.cfg", "idle.timeuot = 5");
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            assertTrue(mooring.awaitLine("'readonly'").contains("read.only"));
            assertTrue(mooring.awaitLine("'idle.timeuot'").contains("idle.timeout"));
        }
    }

    @OneRuntime
    void aWrongValueStopsOnlyItsServerUntilTheFileIsEdited() throws Exception {
        Distribution distribution = distribution()
                .serving(files)
                .configure("dev.mooring.http-admin.cfg", "sockets.target = (socket.name=admin)", "idle.timeout = 0");
        try (ActivatedProcess mooring = distribution.start("http=tcp4", "admin=tcp4")) {
            mooring.awaitLine("idle.timeout = '0'");
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
            distribution.configure("dev.mooring.http-admin.cfg", "sockets.target = (socket.name=admin)");
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("admin") + "/hello.txt"));
        }
    }

    @OneRuntime
    void anEditedConfigurationIsReread() throws Exception {
        Path other = Files.createDirectories(directory.resolve("other"));
        Files.writeString(other.resolve("hello.txt"), "another hello\n");
        Distribution distribution = distribution().serving(files);
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            String url = "http://127.0.0.1:" + mooring.port("http") + "/hello.txt";
            assertEquals("hello\n", Curl.get(url));
            int mark = mooring.mark();
            distribution.configure("dev.mooring.share-default.cfg", "root = " + other);
            mooring.awaitLine(mark, "http~public serves");
            assertEquals("another hello\n", Curl.get(url));
        }
    }

    @EveryRuntime
    void aProcessThatWasNotActivatedBindsWhatIsConfigured() throws Exception {
        Path unix = directory.resolve("bound.sock");
        Distribution distribution = distribution()
                .serving(files)
                .configure("dev.mooring.activation.cfg", "listen = http=127.0.0.1:0, http=[::1]:0, http=unix:" + unix);
        try (ActivatedProcess mooring = distribution.start()) {
            String line = mooring.awaitLine("bound and published");
            for (String host : List.of("127.0.0.1", "[::1]")) {
                String port = line.replaceFirst(".*" + host.replaceAll("[\\[\\].]", "\\\\$0") + ":(\\d+).*", "$1");
                assertEquals("hello\n", Curl.get("http://" + host + ":" + port + "/hello.txt"));
            }
            assertEquals("hello\n", Curl.get("--unix-socket", unix.toString(), "http://localhost/hello.txt"));
        }
        assertFalse(Files.exists(unix), "the path of a socket that Mooring bound is removed");
    }

    @OneRuntime
    void anAddressInUseIsReportedWithItsHolder() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            // Linux shows the descriptors of a process only to the same user.
            Distribution distribution = distribution()
                    .asUserOfTests()
                    .serving(files)
                    .configure("dev.mooring.activation.cfg", "listen = http=127.0.0.1:" + taken.getLocalPort());
            try (ActivatedProcess mooring = distribution.start()) {
                String line = mooring.awaitLine("Cannot listen on 127.0.0.1:" + taken.getLocalPort());
                assertTrue(line.contains("socket 'http'"), line);
                assertTrue(line.contains("process " + ProcessHandle.current().pid() + " "), line);
            }
        }
    }

    @OneRuntime
    void namesOfEveryKindAreServedWhateverTheLocale() throws Exception {
        List<String> names = List.of("a b#c%d+e;f?g", "naïve 文件 🚢", "new\nline", "back\\slash", "%2e%2e", "'\"<&>");
        for (String name : names) {
            Files.writeString(files.resolve(name), name);
        }
        try (ActivatedProcess mooring = ActivatedProcess.with("http=tcp4")
                .variable("LC_ALL", "C")
                .start(distribution().serving(files).command())) {
            String url = "http://127.0.0.1:" + mooring.port("http") + "/";
            for (String name : names) {
                StringBuilder encoded = new StringBuilder();
                for (byte b : name.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
                    encoded.append(String.format("%%%02X", b));
                }
                assertEquals(name, Curl.get(url + encoded));
            }
        }
    }

    @OneRuntime
    void nothingOutsideTheShareIsReached() throws Exception {
        Files.writeString(directory.resolve("secret"), "secret");
        Files.createSymbolicLink(files.resolve("out"), directory.resolve("secret"));
        Files.createSymbolicLink(files.resolve("in"), Path.of("hello.txt"));
        try (ActivatedProcess mooring = distribution().serving(files).start("http=tcp4")) {
            String url = "http://127.0.0.1:" + mooring.port("http");
            assertEquals("hello\n", Curl.get(url + "/in"));
            for (String path : List.of(
                    "/out",
                    "/../secret",
                    "/%2e%2e/secret",
                    "/..%2fsecret",
                    "/x/../../secret",
                    "/hello.txt/../../secret",
                    "/%2e%2e%2fsecret",
                    "//../secret",
                    "/..;/secret",
                    "/%00/../../secret",
                    "/out%00")) {
                String answer = Curl.get("-i", "--path-as-is", url + path);
                assertTrue(answer.matches("(?s)HTTP/1.1 40[04] .*"), path + ": " + answer);
            }
        }
    }

    @OneRuntime
    void aFileOfMoreThanFourGigabytesIsServedFromItsEnd() throws Exception {
        try (FileChannel sparse = FileChannel.open(
                files.resolve("large"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            sparse.write(java.nio.ByteBuffer.wrap("the end".getBytes()), 5L << 30);
        }
        try (ActivatedProcess mooring = distribution().serving(files).start("http=tcp4")) {
            String url = "http://127.0.0.1:" + mooring.port("http") + "/large";
            assertEquals("the end", Curl.get("-r", "-7", url));
            assertTrue(Curl.get("-I", url).contains("Content-Length: " + ((5L << 30) + 7)));
            assertEquals("the end", Curl.get("-C", Long.toString(5L << 30), url));
        }
    }

    @EveryRuntime
    void aSealedJdkAndAHomeWithABlankServeToo() throws Exception {
        Path home = Distribution.copy(directory.resolve("a home"));
        for (String file : List.of("jvm.options", "jvm-modules.options")) {
            Path options = home.resolve("conf").resolve(file);
            Files.write(
                    options,
                    Files.readAllLines(options).stream()
                            .filter(line -> !line.contains("add-opens"))
                            .toList());
        }
        Distribution distribution = distribution().serving(files).at(home);
        Path unix = directory.resolve("http.sock");
        try (ActivatedProcess mooring = distribution.start("http=tcp4", "http=tcp6", "http=unix:" + unix)) {
            mooring.awaitLine("jnr-posix");
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
            assertEquals(
                    "hello\n",
                    Curl.get("http://[::1]:" + mooring.passed().get(1).port() + "/hello.txt"));
            assertEquals("hello\n", Curl.get("--unix-socket", unix.toString(), "http://localhost/hello.txt"));
            assertFalse(mooring.output().contains("is not there"), mooring.output());
        }
    }
}
