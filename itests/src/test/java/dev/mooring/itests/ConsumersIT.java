package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/**
 * Follows {@code docs/how-to/maven.md}: deploys a release to a directory, and builds and runs other projects that have Mooring from there
 * alone. The release is built from a copy of the sources, so it also shows that a build can be reproduced.
 */
@PageTest
class ConsumersIT {

    private static final String MODULE = "java .* -m admin/admin.Admin";

    private static final String NATIVE_ACCESS = "A restricted method in java.lang.System has been called";
    private static final String UNSAFE = "A terminally deprecated method in sun.misc.Unsafe has been called";

    private static final Path CONSUMERS = HowTo.ROOT.resolve("itests/src/consumers");

    /** For the downloads of a machine that has built nothing before. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir
    private static Path directory;

    private static String page;
    private static Path deployed;
    private static Path projects;

    @BeforeAll
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    static void followThePage() throws Exception {
        deployed = directory.resolve("maven");
        projects = directory.resolve("projects");
        page = Files.readString(HowTo.ROOT.resolve("docs/how-to/maven.md"));
        Path sources = directory.resolve("sources");
        copy(HowTo.ROOT, sources, ConsumersIT::isNeededToDeploy);
        String local = "-Dmaven.repo.local=" + localRepository();
        // Javadoc takes longer than all the rest.
        String javadoc = Form.LONG ? "" : " -Dmaven.javadoc.skip";
        configure(sources, local + " -q -Prelease -Dmaven.install.skip -Dspotless.check.skip" + javadoc);
        run(sources, command("mvn deploy .*"));

        copy(CONSUMERS, projects, file -> true);
        Path parent = projects.resolve("pom.xml");
        Files.writeString(parent, Files.readString(parent).replace("/srv/maven", deployed.toString()));
        configure(projects, local + " -q");
        run(projects, command("mvn package"));
    }

    private static boolean isNeededToDeploy(String file) {
        boolean needed = !file.matches("(.*/)?target|\\.git|itests/src|benchmarks/src");
        // Two modules share their tests with others.
        return needed && (!file.endsWith("/src/test") || file.matches("bundles/(common|protocol)/.*"));
    }

    private static void copy(Path from, Path to, Predicate<String> wanted) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path each : (Iterable<Path>) files::iterator) {
                Path target = to.resolve(each.getFileName());
                if (wanted.test(HowTo.ROOT.relativize(each).toString())) {
                    if (Files.isDirectory(each)) {
                        copy(each, target, wanted);
                    } else {
                        Files.copy(each, target);
                    }
                }
            }
        }
    }

    private static void configure(Path project, String options) throws IOException {
        Path mvn = Files.createDirectories(project.resolve(".mvn"));
        Files.writeString(mvn.resolve("maven.config"), "-B -ntp " + options + "\n");
    }

    /** A command of the page, with the directories of this test. */
    private static String command(String pattern) {
        return page.lines()
                .filter(line -> line.matches("    " + pattern))
                .findFirst()
                .orElseThrow(() -> new AssertionError("maven.md has no command " + pattern))
                .strip()
                .replace("/srv/maven", deployed.toString())
                .replace("/etc/mooring", directory.resolve("conf").toString());
    }

    private static void run(Path project, String command) throws IOException, InterruptedException {
        ProcessBuilder bash = new ProcessBuilder("bash", "-euc", command).directory(project.toFile());
        bash.environment().put("JAVA_HOME", System.getProperty("java.home"));
        bash.environment().put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        try (ChildProcess maven = new ChildProcess(bash)) {
            assertEquals(0, maven.awaitExit(PATIENCE), maven::output);
        }
    }

    /** A local repository that shares everything with Maven's own, by links, but nothing of Mooring. */
    private static Path localRepository() throws IOException {
        Path own = Path.of(System.getProperty("localRepository"));
        Path repository = Files.createDirectories(directory.resolve("repository"));
        link(own, repository, "dev");
        if (Files.isDirectory(own.resolve("dev"))) {
            link(own.resolve("dev"), Files.createDirectories(repository.resolve("dev")), "mooring");
        }
        return repository;
    }

    private static void link(Path from, Path to, String except) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path each : (Iterable<Path>) files::iterator) {
                if (!each.endsWith(except)) {
                    Files.createSymbolicLink(to.resolve(each.getFileName()), each);
                }
            }
        }
    }

    @Test
    void thePagePrintsTheProjects() throws IOException {
        StringBuilder files = new StringBuilder();
        try (Stream<Path> all = Files.walk(CONSUMERS)) {
            for (Path each : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                files.append(unindented(Files.readString(each)));
            }
        }
        List<String> printed = Pattern.compile("```\\w+\n(.*?)```", Pattern.DOTALL)
                .matcher(page)
                .results()
                .map(match -> unindented(match.group(1)))
                .toList();
        assertTrue(printed.size() > 4, printed::toString);
        printed.forEach(each -> assertTrue(files.indexOf(each) >= 0, () -> "no project has\n" + each));
    }

    private static String unindented(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n", "", "\n"));
    }

    @Test
    void everyModuleIsDeployedWithItsSourcesAndIsInTheBom() throws Exception {
        Path group = deployed.resolve("dev/mooring");
        Map<String, Set<String>> kinds = new TreeMap<>();
        try (Stream<Path> files = Files.walk(group)) {
            files.map(Path::getFileName)
                    .map(Path::toString)
                    .filter(name ->
                            name.matches(".*\\.(jar|pom|xml|json|zip|gz)") && !name.startsWith("maven-metadata"))
                    .forEach(name -> kinds.computeIfAbsent(name.replaceFirst("-\\d.*", ""), artifact -> new TreeSet<>())
                            .add(name.replaceFirst(".*-\\d{8}\\.\\d{6}-\\d+", "")));
        }
        Map<String, Set<String>> expected = new TreeMap<>();
        for (String each : List.of("dev.mooring", "dev.mooring.bundles", "mooring-bom")) {
            expected.put(each, Set.of(".pom"));
        }
        expected.put("mooring-features", Set.of(".pom", "-features.xml"));
        expected.put("mooring-webconsole", Set.of(".pom", ".zip"));
        expected.put("dev.mooring.slf4j", Set.of(".pom", ".jar"));
        Set<String> modules = modules();
        for (String each : modules) {
            expected.put(each, new TreeSet<>(Set.of(".pom", ".jar", "-sources.jar")));
        }
        expected.get("dev.mooring.common").add("-tests.jar");
        expected.get("dev.mooring.protocol").add("-tests.jar");
        expected.put(
                "dev.mooring.runtime",
                new TreeSet<>(Set.of(
                        ".pom", ".jar", "-sources.jar", ".tar.gz", "-osgi.zip", "-cyclonedx.xml", "-cyclonedx.json")));
        if (Form.LONG) {
            expected.values().stream()
                    .filter(each -> each.contains("-sources.jar"))
                    .forEach(each -> each.add("-javadoc.jar"));
        }
        assertEquals(expected, kinds);

        Set<String> managed = new TreeSet<>();
        NodeList dependencies = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(HowTo.ROOT.resolve("bom/pom.xml").toFile())
                .getElementsByTagName("dependency");
        for (int i = 0; i < dependencies.getLength(); i++) {
            managed.add(text((Element) dependencies.item(i), "artifactId"));
        }
        assertEquals(modules, managed);
    }

    /** The modules in {@code bundles/}. */
    private static Set<String> modules() throws IOException {
        try (Stream<Path> directories = Files.list(HowTo.ROOT.resolve("bundles"))) {
            return directories
                    .filter(each -> Files.exists(each.resolve("pom.xml")))
                    .map(each -> "dev.mooring." + each.getFileName().toString().replace('-', '.'))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static String text(Element parent, String name) {
        return parent.getElementsByTagName(name).item(0).getTextContent();
    }

    @Test
    void aSecondBuildMakesTheSameFiles() throws IOException {
        List<Path> first = new ArrayList<>(Jars.startingWith("dev.mooring."));
        first.removeIf(each -> each.startsWith(Path.of("target").toAbsolutePath()));
        first.add(Distribution.home().resolveSibling("mooring.tar.gz"));
        first.add(Distribution.home().resolveSibling("mooring-osgi.zip"));
        first.add(HowTo.WEB_CONSOLE);
        for (Path each : first) {
            Path second = directory
                    .resolve("sources")
                    .resolve(HowTo.ROOT.relativize(each.toAbsolutePath().normalize()));
            assertEquals(-1, Files.mismatch(each, second), () -> each + " and " + second + " differ");
        }
    }

    /** Versions that only our parent manages would not reach others. */
    @Test
    void othersGetTheLibrariesThatWeTest() throws IOException {
        Map<String, Path> ours = jars(Distribution.home().resolve("modules"), name -> name.replaceFirst("\\.jar$", ""));
        Map<String, Path> theirs = jars(projects.resolve("servers/target/modules"), name -> name.replaceFirst(
                        "-\\d[^-]*(-native|-SNAPSHOT|)\\.jar$", "$1")
                .replace("-SNAPSHOT", ""));
        assertEquals(ours.keySet(), theirs.keySet());
        for (String name : ours.keySet()) {
            if (!name.startsWith("dev.mooring.")) {
                assertEquals(-1, Files.mismatch(ours.get(name), theirs.get(name)), name);
            }
        }
    }

    private static Map<String, Path> jars(Path directory, UnaryOperator<String> name) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.collect(Collectors.toMap(
                    each -> name.apply(each.getFileName().toString()), each -> each, (a, b) -> a, TreeMap::new));
        }
    }

    @Test
    void theSbomNamesTheJarsThatAreShipped() throws Exception {
        Set<String> shipped = new TreeSet<>();
        for (String each : List.of("lib", "modules")) {
            shipped.addAll(jars(Distribution.home().resolve(each), name -> name.replaceFirst("\\.jar$", ""))
                    .keySet());
        }
        // The component that the SBOM describes.
        shipped.remove("dev.mooring.runtime");
        Set<String> named = new TreeSet<>();
        try (Stream<Path> files = Files.walk(deployed)) {
            Path sbom = files.filter(each -> each.toString().endsWith("-cyclonedx.xml"))
                    .findFirst()
                    .orElseThrow();
            NodeList components = (NodeList) XPathFactory.newInstance()
                    .newXPath()
                    .evaluate(
                            "/*/*[local-name()='components']/*",
                            new InputSource(sbom.toUri().toString()),
                            XPathConstants.NODESET);
            for (int i = 0; i < components.getLength(); i++) {
                Element component = (Element) components.item(i);
                String classifier = text(component, "purl").contains("classifier=native") ? "-native" : "";
                named.add(text(component, "name") + classifier);
                assertTrue(
                        component.getElementsByTagName("licenses").getLength() > 0,
                        () -> text(component, "name") + " has no licence in the SBOM");
            }
        }
        // Inside org.apache.felix.main.
        named.remove("org.apache.felix.framework");
        assertEquals(shipped, named);
    }

    private static String greeting(ActivatedProcess server) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port("admin"))) {
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Without options, as the framework is downloaded. */
    @Test
    void theBundleServesInAStockFramework() throws IOException {
        Path lib = Distribution.home().resolve("lib");
        List<String> felix = new Felix(Files.createDirectory(directory.resolve("felix")))
                .on(Jdk.JDK_25)
                .bundles(
                        lib.resolve("org.osgi.util.function.jar"),
                        lib.resolve("org.osgi.util.promise.jar"),
                        lib.resolve("org.osgi.service.component.jar"),
                        lib.resolve("org.apache.felix.scr.jar"),
                        projects.resolve("jpms/target/modules/dev.mooring.activation-1.0.0-SNAPSHOT.jar"),
                        projects.resolve("osgi/target/com.example.admin-1.0.0.jar"))
                .command();
        try (ActivatedProcess server = ActivatedProcess.with("admin=tcp4").start(felix)) {
            assertEquals("hello\n", greeting(server));
            assertEquals(Set.of(NATIVE_ACCESS, UNSAFE), warnings(server));
        }
    }

    @Test
    void bndResolvesAndExportsAnApplication() throws IOException {
        try (ZipFile application =
                new ZipFile(projects.resolve("bnd/target/app.jar").toFile())) {
            List<String> bundles = application.stream()
                    .map(entry -> entry.getName().replaceFirst("jar/(.*)-\\d[^-]*(-SNAPSHOT)?\\.jar", "$1"))
                    .toList();
            assertTrue(bundles.contains("dev.mooring.activation"), bundles::toString);
        }
        try (ActivatedProcess server = start(Jdk.RUNNING, command("java .* -jar bnd/target/app.jar"), "admin=tcp4")) {
            assertEquals("hello\n", greeting(server));
        }
    }

    @ParameterizedTest
    @EnumSource(Jdk.class)
    void theModuleServes(Jdk jdk) throws Exception {
        try (ActivatedProcess server = start(jdk, command(MODULE), "admin=tcp4")) {
            assertEquals("hello\n", greeting(server));
            assertEquals(0, server.awaitExit(), server::output);
            assertEquals(Set.of(), warnings(server));
        }
    }

    @Test
    void theModuleServesInASealedJdkWithTheWarningThatThePageNames() throws Exception {
        String sealed = command(MODULE).replaceFirst("--add-opens \\S+", "--add-modules ALL-MODULE-PATH");
        try (ActivatedProcess server = start(Jdk.JDK_25, sealed, "admin=tcp4")) {
            assertEquals("hello\n", greeting(server));
            assertEquals(0, server.awaitExit(), server::output);
            assertEquals(Set.of(NATIVE_ACCESS), warnings(server));
        }
    }

    /** The first lines of java's warnings, each of which the page names. */
    private static Set<String> warnings(ActivatedProcess server) {
        Set<String> warnings = server.output()
                .lines()
                .filter(line -> line.startsWith("WARNING: A "))
                .map(line -> line.substring("WARNING: ".length()))
                .collect(Collectors.toSet());
        warnings.forEach(
                each -> assertTrue(page.contains("| `" + each + "` | "), () -> "maven.md does not name " + each));
        return warnings;
    }

    @Test
    void theServersServe() throws Exception {
        Path conf = Files.createDirectory(directory.resolve("conf"));
        Path share = Files.createDirectory(directory.resolve("share"));
        Files.writeString(share.resolve("greeting.txt"), "hello");
        Files.writeString(conf.resolve("dev.mooring.share-default.cfg"), "root = " + share.toUri());
        Files.writeString(conf.resolve("dev.mooring.http-public.cfg"), "sockets.target = (socket.name=http)");
        try (ActivatedProcess servers =
                start(Jdk.RUNNING, command("java .* -m dev.mooring.standalone .*"), "http=tcp4")) {
            assertEquals("hello", Curl.get("http://127.0.0.1:" + servers.port("http") + "/greeting.txt"));
        }
    }

    /** Starts a command of the page with a socket. */
    private static ActivatedProcess start(Jdk jdk, String command, String socket) throws IOException {
        String java = command.replaceFirst("^java ", jdk.java() + " ");
        return ActivatedProcess.with(socket).start("sh", "-c", "cd " + projects + " && exec " + java);
    }
}
