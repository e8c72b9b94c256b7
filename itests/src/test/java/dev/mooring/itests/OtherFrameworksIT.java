package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** In other people's frameworks: each test follows the page to the end, and starts what its unit starts. */
class OtherFrameworksIT {

    /** What Maven has downloaded for these tests. */
    private static final Path DOWNLOADS = Path.of("target/frameworks").toAbsolutePath();

    @TempDir
    private Path directory;

    private Path home;
    private Path share;

    @BeforeEach
    void makeTheDirectories() throws IOException {
        home = Files.createDirectory(directory.resolve("home"));
        share = Files.createDirectory(directory.resolve("share"));
        Files.writeString(share.resolve("greeting.txt"), "hello");
    }

    private HowTo page(String name, String framework) throws IOException {
        return new HowTo(name, Map.of("/opt/" + framework, home.toString(), "/srv/mooring", share.toString()));
    }

    private static Path download(String prefix) throws IOException {
        try (var jars = Files.newDirectoryStream(DOWNLOADS, prefix + "-[0-9]*")) {
            return jars.iterator().next();
        }
    }

    /** Starts the unit for the first client, and stops it, as systemd does. */
    private void serves(HowTo page, Jdk jdk) throws IOException, InterruptedException {
        String notifySocket = directory.resolve("notify").toString();
        String script =
                ActivatedProcess.script().resolveSibling("notify-socket").toString();
        List<String> command = new ArrayList<>(page.start());
        command.replaceAll(each -> each.replace("/usr/bin/java", jdk.java()));
        try (ChildProcess manager = new ChildProcess(new ProcessBuilder("perl", script, notifySocket))) {
            manager.awaitLine("bound");
            try (ActivatedProcess framework = ActivatedProcess.with("http=tcp4")
                    .variable("JAVA_HOME", jdk.home().orElseThrow().toString())
                    .variable("NOTIFY_SOCKET", notifySocket)
                    .start(command)) {
                String url = "http://127.0.0.1:" + framework.port("http") + "/greeting.txt";
                assertEquals("hello", Curl.get(url));
                Path jar = home.resolve("bundle/dev.mooring.http.jar");
                if (Files.exists(jar)) {
                    Files.move(Files.copy(jar, directory.resolve("new.jar")), jar, StandardCopyOption.REPLACE_EXISTING);
                    framework.awaitLine(" is replaced by ");
                    assertEquals("hello", Curl.get(url));
                }
                if (page.setting("Type", "exec").equals("notify")) {
                    manager.awaitLine("READY=1");
                }
                ProcessHandle.of(framework.pid()).orElseThrow().destroy();
                assertEquals(
                        page.setting("SuccessExitStatus", "0"),
                        Integer.toString(framework.awaitExit()),
                        framework::output);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Jdk.class)
    void felix(Jdk jdk) throws Exception {
        jdk.java();
        Tool.of("unzip", "unzip");
        Files.createDirectories(home.resolve("bin"));
        Files.createDirectories(home.resolve("bundle"));
        Files.createDirectories(home.resolve("conf"));
        Path felix = Jars.of("org.apache.felix.main");
        Files.copy(felix, home.resolve("bin/felix.jar"));
        // The configuration that Felix is downloaded with is also in this jar.
        try (ZipFile jar = new ZipFile(felix.toFile());
                InputStream configuration = jar.getInputStream(jar.getEntry("config.properties"))) {
            Files.copy(configuration, home.resolve("conf/config.properties"));
        }
        for (String each : List.of("gogo.runtime", "gogo.command", "gogo.jline", "bundlerepository")) {
            Files.copy(download("org.apache.felix." + each), home.resolve("bundle/" + each + ".jar"));
        }
        Files.copy(download("jline"), home.resolve("bundle/jline.jar"));
        HowTo page = page("felix.md", "felix");
        page.follow();
        serves(page, jdk);
    }

    @ParameterizedTest
    @EnumSource(Jdk.class)
    void equinox(Jdk jdk) throws Exception {
        jdk.java();
        Tool.of("unzip", "unzip");
        Files.copy(download("org.eclipse.osgi"), home.resolve("org.eclipse.osgi.jar"));
        HowTo page = page("equinox.md", "equinox");
        page.follow();
        serves(page, jdk);
    }
}
