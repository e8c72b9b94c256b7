package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The programs of {@code docs/how-to/java-servers.md}: each serves the socket that it takes by its name. */
@PageTest
class JavaServersIT {

    private static final Path MODULE = Path.of("servers").toAbsolutePath();
    private static final Path SOURCES = MODULE.resolve("src/main/java/example");

    private static final String JARS_OF_PAGE = "/opt/app/lib/*";
    private static final String PROGRAM_OF_PAGE = "JettyServer";

    private static final String JFFI = "com.kenai.jffi.internal.StubLoader";
    private static final List<String> SILENT =
            List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

    private static final int O_NONBLOCK = 04000; // fcntl.h

    /** An empty message as gRPC sends it, and the answer of the health service: SERVING. */
    private static final byte[] GRPC_EMPTY = new byte[5];

    private static final String GRPC_SERVING = "\0\0\0\0\2\b\1";

    @TempDir
    private Path directory;

    /** A program, its answer, the jars of the dependency that the page names, and the class that a JDK 24 or later warns about. */
    private enum Example {
        JETTY("JettyServer", "hello from Jetty\n", "jetty-|slf4j-api", ""),
        NETTY("NettyServer", "hello from Netty\n", "netty-(?!.*epoll)", ""),
        NETTY_EPOLL("NettyEpollServer", "hello from Netty\n", "netty-", "io.netty.util.internal.NativeLibraryUtil"),
        TOMCAT("TomcatServer", "hello from Tomcat\n", "tomcat-embed-core|tomcat-annotations", ""),
        UNDERTOW("UndertowServer", "hello from Undertow\n", "undertow-|xnio-|jboss-|wildfly-|smallrye-", ""),
        VERTX("VertxServer", "hello from Vert.x\n", "vertx-|netty-(?!.*epoll)|jackson-core-2", ""),
        JDK("JdkServer", "hello from the JDK\n", "none", ""),
        GRPC(
                "GrpcServer",
                GRPC_SERVING,
                "grpc-|netty-(?!.*epoll)|guava|failureaccess|proto|perfmark|gson",
                "com.google.protobuf.UnsafeUtil$MemoryAccessor"),
        SPRING_BOOT(
                "SpringBootServer",
                "hello from Spring Boot\n",
                "spring-|tomcat-|jakarta|jackson-(?!core-2)|micrometer|snakeyaml|commons-logging|logback|log4j|jul-|slf4j|jspecify",
                "");

        private final String program;
        private final String answer;
        private final Pattern jars;
        private final String warned;

        Example(String program, String answer, String jars, String warned) {
            this.program = program;
            this.answer = answer;
            this.jars = Pattern.compile("(dev\\.mooring\\.activation|jnr-|jffi-|asm-|" + jars + ").*");
            this.warned = warned;
        }

        private String classPath() throws IOException {
            Stream<String> all = Stream.of(
                    Files.readString(MODULE.resolve("target/class-path")).split(":"));
            return Stream.concat(
                            Stream.of(MODULE.resolve("target/classes").toString()), all.filter(each -> jars.matcher(
                                            Path.of(each).getFileName().toString())
                                    .matches()))
                    .collect(Collectors.joining(":"));
        }
    }

    /** How a program is started. */
    private record Start(Jdk jdk, boolean opened, boolean silent) {

        private boolean warns() {
            return jdk == Jdk.JDK_25 || Runtime.version().feature() >= 24;
        }

        /** The command of the page's unit, for one of the programs. */
        private List<String> command(Example example) throws IOException {
            String classPath = example.classPath();
            List<String> command = new ArrayList<>(List.of(new HowTo("java-servers.md", Map.of())
                    .setting("ExecStart", "")
                    .split(" ")));
            assertTrue(command.contains(Felix.OPENED) && command.contains(JARS_OF_PAGE), command::toString);
            command.removeIf(each -> !opened && each.equals(Felix.OPENED));
            command.replaceAll(each -> each.replace("/usr/bin/java", jdk.java())
                    .replace(JARS_OF_PAGE, classPath)
                    .replace(PROGRAM_OF_PAGE, example.program));
            command.add(1, "-XX:TieredStopAtLevel=1");
            if (silent && warns()) {
                command.addAll(1, SILENT);
            }
            return command;
        }

        /** The classes that the JDK warns about. */
        private Set<String> warnings(Example example) {
            Set<String> expected = new TreeSet<>();
            if (warns() && !silent) {
                if (!example.warned.isEmpty()) {
                    expected.add(example.warned);
                }
                // The JDK warns once for each module, and all is in one unnamed module.
                if (!opened) {
                    expected.removeIf(each -> each.startsWith("io.netty"));
                    expected.add(JFFI);
                }
            }
            return expected;
        }
    }

    private static List<Start> starts() {
        Jdk newest = Variant.newest();
        boolean opened = true;
        boolean silent = true;
        return Form.LONG
                ? List.of(
                        new Start(Jdk.RUNNING, !opened, !silent),
                        new Start(Jdk.RUNNING, opened, !silent),
                        new Start(newest, !opened, !silent),
                        new Start(newest, opened, !silent),
                        new Start(newest, !opened, silent))
                : List.of(new Start(Jdk.RUNNING, !opened, !silent), new Start(newest, opened, !silent));
    }

    @ParameterizedTest
    @EnumSource(Example.class)
    void serves(Example example) throws Throwable {
        assumeTrue(
                example != Example.NETTY_EPOLL || System.getProperty("os.arch").equals("amd64"),
                "Netty's epoll library is here only for x86_64");
        ExecutorService two = Executors.newFixedThreadPool(2);
        try {
            List<Callable<Void>> all = starts().stream()
                    .<Callable<Void>>map(start -> () -> {
                        serves(example, start);
                        return null;
                    })
                    .toList();
            for (Future<Void> each : two.invokeAll(all)) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause();
        } finally {
            two.shutdownNow();
        }
    }

    private void serves(Example example, Start start) throws IOException, InterruptedException {
        try (ActivatedProcess server =
                ActivatedProcess.with("other=tcp4", "http=tcp4").start(start.command(example))) {
            for (int i = 0; i < 2; i++) {
                assertEquals(example.answer, ask(example, server.port("http")), server::output);
            }
            Path descriptor = server.proc("fdinfo/" + server.passed("http").descriptor());
            String flags = Files.readString(descriptor).replaceFirst("(?s).*flags:\\s+(\\d+).*", "$1");
            assertNotEquals(0, Integer.parseInt(flags, 8) & O_NONBLOCK, () -> start + " made the socket blocking");
            assertEquals(start.warnings(example), warnings(server.output()), () -> start + ":\n" + server.output());
        }
    }

    private String ask(Example example, int port) throws IOException, InterruptedException {
        String url = "http://127.0.0.1:" + port + "/";
        if (example != Example.GRPC) {
            return Curl.get(url);
        }
        Path message = Files.write(Files.createTempFile(directory, "empty", null), GRPC_EMPTY);
        return Curl.get(
                "--http2-prior-knowledge",
                "-Hcontent-type: application/grpc",
                "-Hte: trailers",
                "--data-binary",
                "@" + message,
                url + "grpc.health.v1.Health/Check");
    }

    private static Set<String> warnings(String output) {
        return Pattern.compile("WARNING: .* has been called by (\\S+) .*")
                .matcher(output)
                .results()
                .map(each -> each.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void thePageShowsTheProgramsAndTheWarnings() throws IOException {
        String page = Files.readString(HowTo.ROOT.resolve("docs/how-to/java-servers.md"));
        Set<String> shown = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(page)
                .results()
                .map(each -> each.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> sources = new TreeSet<>();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                sources.add(Files.readString(file));
            }
        }
        assertEquals(sources, shown);
        for (Example each : Example.values()) {
            assertTrue(page.contains("\n| `" + (each.warned.isEmpty() ? JFFI : each.warned) + "` |"), each.warned);
        }
        for (String option : SILENT) {
            assertTrue(page.contains("`" + option + "`"), option);
        }
    }

    @Test
    void thePageNamesTheVersions() throws IOException {
        String page = Files.readString(HowTo.ROOT.resolve("docs/how-to/java-servers.md"));
        String poms = Files.readString(MODULE.resolve("pom.xml")) + Files.readString(HowTo.ROOT.resolve("pom.xml"));
        for (String each : List.of("grpc", "jetty", "netty", "spring-boot", "tomcat", "undertow", "vertx")) {
            String version = poms.replaceFirst("(?s).*<" + each + "\\.version>([0-9.]*[0-9]).*", "$1");
            assertTrue(page.contains(" | " + version + " | "), () -> each + " " + version);
        }
    }

    /** Runs the command of the page without systemd. */
    @Test
    void systemdSocketActivateStartsAProgram() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/systemd-socket-activate")),
                "systemd-socket-activate is not installed (systemd)");
        int port = FreePorts.one();
        String command = Files.readString(HowTo.ROOT.resolve("docs/how-to/java-servers.md"))
                .lines()
                .filter(line -> line.startsWith("    systemd-socket-activate "))
                .findFirst()
                .orElseThrow()
                .replace("127.0.0.1:8080", "127.0.0.1:" + port)
                .replace("/usr/bin/java", Variant.newest().java())
                .replace(JARS_OF_PAGE, Example.JETTY.classPath());
        try (ChildProcess activate = new ChildProcess(new ProcessBuilder("bash", "-c", "exec " + command.strip()))) {
            activate.awaitLine("Listening on");
            assertEquals(Example.JETTY.answer, Curl.get("http://127.0.0.1:" + port + "/"));
        }
    }
}
