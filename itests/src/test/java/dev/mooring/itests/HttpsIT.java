package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The assembled runtime with sockets for HTTP and HTTPS; the client is curl. */
class HttpsIT {

    private final Variant variant;

    HttpsIT(Variant variant) {
        this.variant = variant;
    }

    @TempDir
    Path directory;

    private ActivatedProcess mooring;

    @BeforeEach
    void fill() throws Exception {
        Files.createDirectories(directory.resolve("files"));
        Files.writeString(directory.resolve("files/hello.txt"), "hello\n");
        openssl("req", "-x509", "-subj", "/CN=authority", "-days", "1", "-out", "ca.pem", "-keyout", "ca.key");
        certify("one");
    }

    @AfterEach
    void stop() {
        if (mooring != null) {
            mooring.close();
            assertFalse(mooring.output().contains("\tat "), mooring.output());
        }
    }

    private void openssl(String command, String... options) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
        List<String> all = new ArrayList<>(List.of("openssl", command));
        if (command.equals("req")) {
            all.addAll(List.of("-newkey", "rsa:2048", "-nodes"));
        }
        all.addAll(List.of(options));
        Process openssl = new ProcessBuilder(all)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(openssl.getInputStream().readAllBytes());
        assertEquals(0, openssl.waitFor(), output);
    }

    /** A certificate for 127.0.0.1 and localhost, signed by the authority. */
    private void certify(String name) throws Exception {
        Files.writeString(directory.resolve("names"), "subjectAltName = IP:127.0.0.1, DNS:localhost\n");
        openssl("req", "-subj", "/CN=" + name, "-out", name + ".csr", "-keyout", name + ".key");
        openssl(
                "x509",
                "-req",
                "-in",
                name + ".csr",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                "1",
                "-extfile",
                "names",
                "-out",
                name + ".pem");
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }

    private Distribution distribution(String... settings) throws IOException {
        List<String> lines = new ArrayList<>(List.of(
                "sockets.target = (socket.name=https)",
                "tls.certificate = " + file("one.pem"),
                "tls.key = " + file("one.key")));
        lines.addAll(List.of(settings));
        return new Distribution(directory, variant)
                .serving(directory.resolve("files"))
                .configure("dev.mooring.http-secure.cfg", lines.toArray(String[]::new));
    }

    private String get(String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("--cacert", file("ca.pem")));
        all.addAll(Arrays.asList(options));
        return Curl.get(all.toArray(String[]::new));
    }

    private String url() {
        return "https://127.0.0.1:" + mooring.port("https") + "/hello.txt";
    }

    @EveryRuntime
    void httpsServesHttp1AndHttp2BesidesAPlainServer() throws Exception {
        Path unix = directory.resolve("https.sock");
        mooring = distribution().start("http=tcp4", "https=tcp4", "https=unix:" + unix);
        String[] version = {"-w", "%{http_version}", url()};
        assertEquals("hello\n1.1", get(concat(version, "--http1.1")));
        assertEquals("hello\n2", get(concat(version, "--http2")));
        assertEquals("hello\n1.1", get(concat(version, "--http2", "--no-alpn")));
        assertEquals(
                "hello\n2",
                get("--unix-socket", unix.toString(), "-w", "%{http_version}", "https://localhost/hello.txt"));
        String plain = "http://127.0.0.1:" + mooring.port("http") + "/hello.txt";
        assertEquals("hello\n1.1", Curl.get("-w", "%{http_version}", plain));
        assertEquals("400", Curl.status(url().replace("https:", "http:")));
        Curl.get("-k", "https://127.0.0.1:" + mooring.port("https") + "/?download=zip", "-o", file("zip"));
        assertTrue(Files.size(directory.resolve("zip")) > 0);
    }

    private static String[] concat(String[] first, String... second) {
        String[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    @OneRuntime
    void certificateIsReplacedWhileItRuns() throws Exception {
        mooring = distribution().start("https=tcp4");
        assertTrue(get("-v", url()).contains("subject: CN=one"));
        certify("two");
        Files.move(directory.resolve("two.key"), directory.resolve("one.key"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(directory.resolve("two.pem"), directory.resolve("one.pem"), StandardCopyOption.REPLACE_EXISTING);
        long deadline = System.nanoTime() + ChildProcess.PATIENCE.toNanos();
        String seen = get("-v", url());
        while (!seen.contains("subject: CN=two") && System.nanoTime() < deadline) {
            seen = get("-v", url());
        }
        assertTrue(seen.contains("subject: CN=two") && seen.contains("hello\n"), seen);
        mooring.awaitLine("http~secure has read the certificate " + file("one.pem") + " again");
    }

    @OneRuntime
    void clientsNeedACertificateOfTheAuthority() throws Exception {
        certify("client");
        mooring = distribution("tls.client.ca = " + file("ca.pem")).start("https=tcp4");
        assertEquals("hello\n", get("--cert", file("client.pem"), "--key", file("client.key"), url()));
        assertThrows(AssertionError.class, () -> get(url()));
        openssl("req", "-x509", "-subj", "/CN=stranger", "-out", "stranger.pem", "-keyout", "stranger.key");
        assertThrows(
                AssertionError.class, () -> get("--cert", file("stranger.pem"), "--key", file("stranger.key"), url()));
    }

    /** The server finishes long before the client. Closing then would reset bytes that are still on their way. */
    @OneRuntime
    void slowClientOfHttp1ReceivesAllBytesThoughTheServerIsIdle() throws Exception {
        slowClientGetsAllThoughTheServerIsIdle("--http1.1");
    }

    @OneRuntime
    void slowClientOfHttp2ReceivesAllBytesThoughTheServerIsIdle() throws Exception {
        slowClientGetsAllThoughTheServerIsIdle("--http2");
    }

    private void slowClientGetsAllThoughTheServerIsIdle(String version) throws Exception {
        int size = 6_000_000;
        Files.write(directory.resolve("files/big"), new byte[size]);
        mooring = distribution("idle.timeout = 2").start("https=tcp4");
        String big = "https://127.0.0.1:" + mooring.port("https") + "/big";
        get(version, "--limit-rate", "1M", "-o", file("copy"), big);
        assertEquals(size, Files.size(directory.resolve("copy")));
    }

    @OneRuntime
    void missingCertificateStopsOnlyThatServer() throws Exception {
        Distribution distribution = distribution();
        Path key = Files.move(directory.resolve("one.key"), directory.resolve("later"));
        mooring = distribution.start("http=tcp4", "https=tcp4");
        mooring.awaitLine("http~secure cannot serve on fd 4 (socket 'https'): there is no file " + file("one.key"));
        assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
        Files.move(key, directory.resolve("one.key"));
        distribution("listing = false");
        assertEquals("hello\n", get(url()));
    }
}
