package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** In other people's frameworks: each test follows the page to the end, and starts what its unit starts. */
@PageTest
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
            try (ActivatedProcess framework = ActivatedProcess.with("http=tcp4", "console=tcp4")
                    .variable("JAVA_HOME", jdk.home().orElseThrow().toString())
                    .variable("NOTIFY_SOCKET", notifySocket)
                    .variable("WATCHDOG_USEC", "1000000")
                    .start(command)) {
                String url = "http://127.0.0.1:" + framework.port("http") + "/greeting.txt";
                assertEquals("hello", Curl.get(url));
                Path jar = home.resolve("bundle/dev.mooring.http.jar");
                if (Files.exists(jar)) {
                    Files.move(Files.copy(jar, directory.resolve("new.jar")), jar, StandardCopyOption.REPLACE_EXISTING);
                    framework.awaitLine(" is replaced by ");
                    assertEquals("hello", Curl.get(url));
                }
                Path password = home.resolve("etc/console.password");
                if (Files.exists(password)) {
                    String user = "admin:" + Files.readString(password).strip();
                    String console = "http://127.0.0.1:" + framework.port("console") + "/system/console/bundles.json";
                    assertEquals("401", Curl.status(console));
                    assertEquals("200", Curl.status("-u", user, console));
                }
                if (page.setting("Type", "exec").equals("notify")) {
                    manager.awaitLine("READY=1");
                    manager.awaitLine("WATCHDOG=1");
                }
                ProcessHandle.of(framework.pid()).orElseThrow().destroy();
                assertEquals(0, framework.awaitExit(), framework::output);
            }
        }
    }

    /** Makes what one gets by unpacking the download of Felix. */
    static void installFelix(Path home) throws IOException {
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
    }

    @ParameterizedTest
    @EnumSource(Jdk.class)
    void felix(Jdk jdk) throws Exception {
        jdk.java();
        Tool.of("unzip", "unzip");
        installFelix(home);
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

    @Test
    void karaf() throws Exception {
        assumeTrue(
                Runtime.version().feature() < 24,
                "Karaf 4.4 enables a security manager, which JDK 24 and later refuse");
        Tool.of("tar", "tar").run(home, "-xzf", download("apache-karaf-minimal").toString(), "--strip-components=1");
        Path repository = installedByMaven();
        Files.writeString(
                home.resolve("etc/org.ops4j.pax.url.mvn.cfg"),
                "\norg.ops4j.pax.url.mvn.localRepository = " + repository + "\norg.ops4j.pax.url.mvn.repositories =\n",
                StandardOpenOption.APPEND);
        // The feature ssh listens on a fixed port.
        replace(home.resolve("etc/org.apache.karaf.features.cfg"), "ssh/[0-9.]+,? *\\\\\\n *", "");
        // Karaf would download what scr brings for its other features, such as the Web Console.
        replace(home.resolve("etc/org.apache.karaf.features.xml"), "(?=</featuresProcessing>)", """
                <blacklistedBundles>
                  <bundle>mvn:org.apache.karaf.scr/*</bundle>
                  <bundle>mvn:org.apache.felix/org.apache.felix.inventory/[1,2)</bundle>
                  <bundle>mvn:org.apache.felix/org.apache.felix.webconsole.plugins.ds</bundle>
                </blacklistedBundles>
                """);
        HowTo page = page("karaf.md", "karaf");
        page.follow();
        ProcessBuilder console = new ProcessBuilder(home.resolve("bin/karaf").toString());
        console.environment().putAll(Map.of("JAVA_HOME", System.getProperty("java.home"), "TERM", "dumb"));
        try (ChildProcess karaf = new ChildProcess(console)) {
            for (String line : page.console()) {
                karaf.send(line);
            }
            karaf.send("feature:install mooring-activation mooring-sftp mooring-ftp");
            karaf.send("feature:repo-add " + featureWithReferences());
            karaf.send("feature:install references");
            // The quotes distinguish the output from an echo of the command.
            karaf.send("echo inst\"alled\"");
            karaf.awaitLine("installed");
            assertFalse(karaf.output().contains("Error executing command"), karaf::output);
            karaf.send("logout");
            karaf.awaitExit();
        }
        serves(page, Jdk.RUNNING);
    }

    private static void replace(Path file, String pattern, String by) throws IOException {
        String before = Files.readString(file);
        String after = before.replaceAll(pattern, by);
        assertNotEquals(before, after, file::toString);
        Files.writeString(file, after);
    }

    /** A feature of another vendor, with a component that needs each service of Mooring. Karaf checks that features provide them. */
    private URI featureWithReferences() throws Exception {
        return Files.writeString(directory.resolve("features.xml"), """
                        <features name="references" xmlns="http://karaf.apache.org/xmlns/features/v1.6.0">
                          <feature name="references" version="1">
                            <feature>mooring-http</feature>
                            <bundle>%s</bundle>
                          </feature>
                        </features>
                        """.formatted(
                                ResolveIT.bundleWithReferences(directory).toUri()))
                .toUri();
    }

    /** A local repository with the bundles and the features of Mooring, and what Karaf would download. */
    private Path installedByMaven() throws IOException {
        Path repository = directory.resolve("repository");
        Map<Path, String> artifacts = new LinkedHashMap<>();
        for (String each : List.of(
                "activation",
                "common",
                "share",
                "accounts",
                "protocol",
                "http",
                "sftp",
                "ftp",
                "systemd",
                "felix.http")) {
            artifacts.put(Jars.of("dev.mooring." + each), "dev/mooring/dev.mooring." + each);
        }
        for (String each : List.of("scr", "http.jetty12", "http.servlet-api", "inventory", "webconsole")) {
            artifacts.put(download("org.apache.felix." + each), "org/apache/felix/org.apache.felix." + each);
        }
        for (String each : List.of("commons-fileupload", "commons-io")) {
            artifacts.put(download(each), each + "/" + each);
        }
        artifacts.put(download("encoder"), "org/owasp/encoder/encoder");
        artifacts.put(download("org.osgi.service.component"), "org/osgi/org.osgi.service.component");
        try (var features = Files.newDirectoryStream(HowTo.ROOT.resolve("karaf-features/target"), "*-features.xml")) {
            artifacts.put(features.iterator().next(), "dev/mooring/mooring-features");
        }
        for (Map.Entry<Path, String> each : artifacts.entrySet()) {
            String file = each.getKey().getFileName().toString();
            String version = file.replaceAll("^.*?-([0-9].*?)(-features)?\\.(jar|xml)$", "$1");
            Path folder =
                    Files.createDirectories(repository.resolve(each.getValue()).resolve(version));
            Files.copy(each.getKey(), folder.resolve(file));
        }
        return repository;
    }
}
