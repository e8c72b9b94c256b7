package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Web Console of a stock Felix on activated sockets: the test follows the page to the end. */
@PageTest
class WebConsoleIT {

    private static final String BUNDLE = "dev.mooring.felix.http";
    private static final String REPLACED = "bundle/" + BUNDLE + ".jar";

    @TempDir
    private Path directory;

    private Path home;
    private HowTo page;

    @BeforeEach
    void followThePage() throws IOException, InterruptedException {
        Tool.of("unzip", "unzip");
        Tool.of("openssl", "openssl");
        home = Files.createDirectory(directory.resolve("home"));
        OtherFrameworksIT.installFelix(home);
        page = new HowTo("web-console.md", Map.of("/opt/felix", home.toString()));
        page.follow();
    }

    private Path unixSocket() {
        return directory.resolve("console.sock");
    }

    /** Starts the unit for the first client, as systemd does. */
    private ActivatedProcess start(Jdk jdk) throws IOException {
        List<String> command = page.start().stream()
                .map(each -> each.replace("/usr/bin/java", jdk.java()))
                .toList();
        return ActivatedProcess.with("console=tcp4", "console=unix:" + unixSocket())
                .start(command);
    }

    /** Runs the clients of the page, one for each socket. */
    private void answers(ActivatedProcess felix) throws IOException, InterruptedException {
        List<String> clients = page.commands("curl");
        assertEquals(2, clients.size());
        for (String client : clients) {
            String command = client.replace("127.0.0.1:8081", "127.0.0.1:" + felix.port("console"))
                    .replace("/run/felix-console.sock", unixSocket().toString());
            String bundles = Tool.of("bash", "bash").run(home, "-euc", command + " --no-progress-meter --max-time 60");
            assertTrue(bundles.contains("\"" + BUNDLE + "\""), () -> command + ": " + bundles);
        }
    }

    private String password() throws IOException {
        return Files.readString(home.resolve("console.password")).strip();
    }

    @Test
    void itAnswersOnTheSocketsAlone() throws Exception {
        assumeTrue(Browser.isInstalled(), "chromium and chromium-driver are not installed in /usr/bin");
        try (ActivatedProcess felix = start(Jdk.RUNNING)) {
            answers(felix);
            assertEquals(Set.of(felix.port("console")), listeningPorts(felix), felix::output);
            String console = "http://127.0.0.1:" + felix.port("console") + "/system/console/";
            assertEquals("401", Curl.status(console + "bundles"));
            assertEquals("401", Curl.status("-u", "admin:admin", console + "bundles"));
            showsTheBundles(console.replace("//", "//admin:" + password() + "@"));
            isReplacedWithoutALeak(felix);
            followsTheSockets(console);
        }
    }

    private void showsTheBundles(String console) throws IOException {
        try (Browser browser = new Browser(Files.createDirectory(directory.resolve("profile")))) {
            browser.open(console + "bundles");
            long deadline = System.nanoTime() + ChildProcess.PATIENCE.toNanos();
            String rows = "[...document.querySelectorAll('#plugin_table tbody tr')].map(row => row.textContent)";
            while (!browser.evaluate(rows + ".some(text => text.includes('" + BUNDLE + "'))")
                    .equals("true")) {
                assertTrue(System.nanoTime() < deadline, () -> browser.evaluate(rows + ".slice(0, 5)"));
            }
        }
    }

    private void isReplacedWithoutALeak(ActivatedProcess felix) throws IOException, InterruptedException {
        Path jar = home.resolve(REPLACED);
        for (int i = 0; i < 2; i++) {
            int mark = felix.mark();
            Files.move(Files.copy(jar, directory.resolve("new.jar")), jar, StandardCopyOption.REPLACE_EXISTING);
            felix.awaitLine(mark, " is replaced by ");
            answers(felix);
        }
        for (ActivatedProcess.Passed each : felix.passed()) {
            String socket = felix.descriptor(each.descriptor()).orElseThrow();
            assertEquals(2, Collections.frequency(felix.descriptors(), socket), "the socket and one duplicate");
        }
        String histogram = Tool.ofJdk("jcmd").run(home, Long.toString(felix.pid()), "GC.class_histogram");
        assertEquals(
                List.of("1"),
                histogram
                        .lines()
                        .filter(line -> line.endsWith(BUNDLE + ".internal.SocketConnector"))
                        .map(line -> line.strip().split("\\s+")[1])
                        .toList(),
                histogram);
    }

    /** The two requests share a connection, which survives while there are no sockets. */
    private void followsTheSockets(String console) throws IOException, InterruptedException {
        String url = console + "bundles/dev.mooring.activation";
        String user = "admin:" + password();
        Curl.get("-u", user, "-d", "action=stop", url, "--next", "-u", user, "-d", "action=start", url);
        assertEquals("200", Curl.status("-u", user, console + "bundles.json"));
    }

    @Test
    void felixHttpMayStartFirst() throws Exception {
        Path jar = home.resolve(REPLACED);
        Files.move(jar, jar.resolveSibling("zzz.jar"));
        try (ActivatedProcess felix = start(Jdk.JDK_25)) {
            answers(felix);
            assertEquals(Set.of(felix.port("console")), listeningPorts(felix), felix::output);
            assertFalse(felix.output().contains("switched off"), felix::output);
        }
    }

    /** The TCP ports on which a process listens. */
    private static Set<Integer> listeningPorts(ChildProcess process) throws IOException {
        List<String> descriptors = process.descriptors();
        Set<Integer> ports = new TreeSet<>();
        for (String table : List.of("net/tcp", "net/tcp6")) {
            for (String line : Files.readAllLines(process.proc(table))) {
                // sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode; 0A is LISTEN
                String[] words = line.strip().split("\\s+");
                if (words[3].equals("0A") && descriptors.contains("socket:[" + words[9] + "]")) {
                    ports.add(Integer.parseInt(words[1].substring(words[1].lastIndexOf(':') + 1), 16));
                }
            }
        }
        return ports;
    }
}
