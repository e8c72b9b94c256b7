package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directory {@code modules} of the distribution, with all checks that Java has for modules. */
class ModulesIT {

    private static final Path MODULES = Distribution.home().resolve("modules");
    private static final String MAIN = "dev.mooring.standalone";

    @TempDir
    Path directory;

    private static List<ModuleDescriptor> ours() {
        return ModuleFinder.of(MODULES).findAll().stream()
                .map(ModuleReference::descriptor)
                .filter(each -> each.name().startsWith("dev.mooring."))
                .sorted()
                .toList();
    }

    private String java(String... options) throws Exception {
        try (ChildProcess java = new ChildProcess(new ProcessBuilder(
                Stream.concat(Stream.of(Jdk.RUNNING.java()), Stream.of(options)).toList()))) {
            assertEquals(0, java.awaitExit(), java::output);
            return java.output();
        }
    }

    @Test
    void theModulePathIsValid() throws Exception {
        String modules = java("-p", MODULES.toString(), "--validate-modules");
        assertFalse(modules.contains("conflict") || modules.contains("error"), modules);
    }

    @Test
    void noPackageIsInTwoModules() {
        Map<String, String> owners = new HashMap<>();
        for (ModuleReference module : ModuleFinder.of(MODULES).findAll()) {
            for (String each : module.descriptor().packages()) {
                String other = owners.put(each, module.descriptor().name());
                assertTrue(other == null, () -> each + " is in " + other + " and " + owners.get(each));
            }
        }
    }

    /** Resolves each module alone, so that none hides another's missing requirement. */
    @Test
    void eachOfOurModulesResolves() {
        for (ModuleDescriptor module : ours()) {
            Configuration resolved = ModuleLayer.boot()
                    .configuration()
                    .resolve(ModuleFinder.of(MODULES), ModuleFinder.of(), List.of(module.name()));
            assertTrue(resolved.findModule(module.name()).isPresent());
            assertTrue(resolved.findModule("org.osgi.service.component").isEmpty());
        }
    }

    @Test
    void theProtocolsAreFoundAsServices() {
        List<String> resolved = ModuleLayer.boot()
                .configuration()
                .resolveAndBind(ModuleFinder.of(MODULES), ModuleFinder.of(), List.of(MAIN))
                .modules()
                .stream()
                .map(each -> each.name())
                .toList();
        assertTrue(
                resolved.containsAll(List.of("dev.mooring.http", "dev.mooring.sftp", "dev.mooring.ftp")),
                resolved::toString);
    }

    @Test
    void theDocumentationDescribesTheModules() throws IOException {
        List<String> documentation = documentation().lines().toList();
        for (ModuleDescriptor module : ours()) {
            assertTrue(
                    documentation.contains(row(module)),
                    () -> "docs/how-to/without-osgi.md has no line\n" + row(module));
        }
    }

    private static String documentation() throws IOException {
        return Files.readString(Path.of("../docs/how-to/without-osgi.md"));
    }

    private static String row(ModuleDescriptor module) {
        return "| `" + module.name() + "` | "
                + names(module.exports().stream()
                        .filter(each -> !each.isQualified())
                        .map(ModuleDescriptor.Exports::source))
                + " | "
                + names(module.requires().stream()
                        .filter(each -> !each.modifiers().contains(Requires.Modifier.STATIC)
                                && !each.name().equals("java.base"))
                        .map(each -> (each.modifiers().contains(Requires.Modifier.TRANSITIVE) ? "transitive " : "")
                                + each.name()))
                + " | "
                + names(Stream.concat(
                        module.provides().stream().map(each -> "provides " + each.service()),
                        module.uses().stream().map(each -> "uses " + each)))
                + " |";
    }

    private static String names(Stream<String> names) {
        Collection<String> sorted = names.sorted().map(each -> "`" + each + "`").toList();
        return String.join(", ", sorted);
    }

    @Test
    void withoutTheFtpModuleThereIsNoFtp() throws Exception {
        Path home = Distribution.copy(directory.resolve("home"));
        Files.delete(home.resolve("modules/dev.mooring.ftp.jar"));
        Path files = Files.createDirectories(directory.resolve("files"));
        Files.writeString(files.resolve("hello.txt"), "hello\n");
        Distribution distribution =
                new Distribution(directory, Variant.modules()).at(home).servingAll(files);
        try (ActivatedProcess mooring = distribution.start("http=tcp4", "ftp=tcp4")) {
            String line = mooring.awaitLine("dev.mooring.ftp-public.cfg is not used");
            assertTrue(line.contains("add the module dev.mooring.ftp"), line);
            assertEquals("hello\n", Curl.get("http://127.0.0.1:" + mooring.port("http") + "/hello.txt"));
        }
    }

    @Test
    void aMisspeltConfigurationIsReportedWithTheValidNames() throws Exception {
        Path files = Files.createDirectories(directory.resolve("files"));
        Distribution distribution = new Distribution(directory, Variant.modules())
                .serving(files)
                .configure("dev.mooring.htpp-x.cfg", "sockets.target = (socket.name=x)")
                .configure("dev.mooring.http-y.cfg", "sockets.target = socket.name=y")
                .configure("dev.mooring.http-z.cfg", "share.target = (share.name=z)");
        try (ActivatedProcess mooring = distribution.start("http=tcp4")) {
            String line = mooring.awaitLine("dev.mooring.htpp-x.cfg is not used");
            assertTrue(line.contains("dev.mooring.http, dev.mooring.sftp"), line);
            mooring.awaitLine("sockets.target = 'socket.name=y' is no filter");
            line = mooring.awaitLine(
                    "dev.mooring.http~z serves nobody: it waits for a share by the filter (share.name=z)");
            assertTrue(line.contains("[default]"), line);
        }
    }

    /** Compiles and runs the module of the documentation. */
    @Test
    void theExampleOfTheDocumentationCompilesAndServesAnInheritedSocket() throws Exception {
        Matcher code = Pattern.compile(
                        "```java\n// module-info\\.java\n(.*?)// admin/Admin\\.java\n(.*?)```", Pattern.DOTALL)
                .matcher(documentation());
        assertTrue(code.find(), "docs/how-to/without-osgi.md has no example of a module");
        Path sources = Files.createDirectories(directory.resolve("admin"));
        Files.writeString(directory.resolve("module-info.java"), code.group(1));
        Files.writeString(sources.resolve("Admin.java"), code.group(2));
        Path classes = directory.resolve("classes");
        Path javac = Path.of(Jdk.RUNNING.java()).resolveSibling("javac");
        try (ChildProcess compiler = new ChildProcess(new ProcessBuilder(
                javac.toString(),
                "-Xlint:all",
                "-Werror",
                "-p",
                MODULES.toString(),
                "-d",
                classes.toString(),
                directory.resolve("module-info.java").toString(),
                sources.resolve("Admin.java").toString()))) {
            assertEquals(0, compiler.awaitExit(), compiler::output);
        }
        try (ActivatedProcess admin = ActivatedProcess.with("spare=tcp4", "admin=tcp4")
                        .start(
                                Jdk.RUNNING.java(),
                                "--add-opens=java.base/sun.nio.ch=dev.mooring.activation",
                                "-p",
                                Stream.of(MODULES, classes).map(Path::toString).collect(Collectors.joining(":")),
                                "-m",
                                "admin/admin.Admin");
                Socket client = new Socket("127.0.0.1", admin.port("admin"))) {
            assertEquals("hello\n", new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        }
    }
}
