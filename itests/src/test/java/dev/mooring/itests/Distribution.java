package dev.mooring.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The assembled runtime with a configuration, as an operator has it. */
final class Distribution {

    private static final Path ORDINARY_USER =
            Path.of("../.ci/ordinary-user").toAbsolutePath().normalize();

    private final Path directory;
    private final Variant variant;
    private final Path conf;
    private Path home = home();
    private boolean ordinary;

    /**
     * Makes an empty configuration.
     *
     * @param directory of the configuration and the framework's cache
     */
    Distribution(Path directory, Variant variant) throws IOException {
        this.directory = directory;
        this.variant = variant;
        conf = Files.createDirectories(directory.resolve("conf"));
        ordinary = variant.ordinary();
        variant.makeArchive();
    }

    /** The directory of the assembled runtime. */
    static Path home() {
        return Path.of(System.getProperty("mooring.home", "../runtime-config/target/mooring"))
                .toAbsolutePath()
                .normalize();
    }

    /** Copies the runtime for a test that changes it. Omits the archive of classes, which fits only one directory. */
    static Path copy(Path target) throws IOException {
        Path archive = home().resolve("archive");
        try (Stream<Path> all = Files.walk(home())) {
            for (Path each : (Iterable<Path>) all.filter(file -> !file.startsWith(archive))::iterator) {
                Files.copy(
                        each, target.resolve(home().relativize(each).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return target;
    }

    /** Copies the runtime and replaces all its bundles by jars, so that each update loads classes again. */
    static Path copyWithBundles(Path target) throws IOException {
        copy(target);
        for (String each :
                List.of("activation", "common", "share", "accounts", "protocol", "http", "sftp", "ftp", "systemd")) {
            Path jar = Jars.of("dev.mooring." + each);
            Files.copy(jar, target.resolve("bundles/dev.mooring." + each + ".jar"));
        }
        return target;
    }

    /** Uses another runtime. */
    Distribution at(Path otherHome) {
        home = otherHome;
        return this;
    }

    /** Runs as the user of the tests in every variant, for a test in which the runtime inspects the test process. */
    Distribution asUserOfTests() {
        ordinary = false;
        return this;
    }

    /** Writes or rewrites a configuration file. */
    Distribution configure(String file, String... lines) throws IOException {
        Files.write(conf.resolve(file), List.of(lines));
        return this;
    }

    /** Adds lines to a configuration file. */
    Distribution append(String file, String... lines) throws IOException {
        Files.write(conf.resolve(file), List.of(lines), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return this;
    }

    /** Removes a configuration file. */
    void remove(String file) throws IOException {
        Files.delete(conf.resolve(file));
    }

    /** Configures a share named {@code default} and an HTTP server on the sockets named {@code http}. */
    Distribution serving(Path root) throws IOException {
        return configure("dev.mooring.share-default.cfg", "root = " + root.toUri())
                .configure("dev.mooring.http-public.cfg", "sockets.target = (socket.name=http)");
    }

    /**
     * Configures a writable share named {@code default} and a server for each protocol. {@code ada} logs in over SFTP and FTP
     * with the password {@code secret}, and over SFTP with the keys in {@code authorized/ada}.
     */
    Distribution servingAll(Path root) throws IOException {
        Path passwords = Files.writeString(directory.resolve("passwords"), "ada:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
        return serving(root)
                .configure("dev.mooring.share-default.cfg", "root = " + root.toUri(), "read.only = false")
                .configure(
                        "dev.mooring.accounts-default.cfg",
                        "passwords = " + passwords,
                        "authorized.keys = " + directory.resolve("authorized/%u"))
                .configure("dev.mooring.sftp-public.cfg", "host.key.directory = " + directory.resolve("host-keys"))
                .configure("dev.mooring.ftp-public.cfg", "sockets.target = (socket.name=ftp)");
    }

    /** Starts {@code bin/mooring} with sockets; see {@link ActivatedProcess#with}. */
    ActivatedProcess start(String... sockets) throws IOException {
        return ActivatedProcess.with(sockets).variable("JAVA_HOME", javaHome()).start(command());
    }

    /** The command that starts it. */
    List<String> command() {
        List<String> command = new ArrayList<>();
        if (ordinary) {
            command.add(ORDINARY_USER.toString());
        }
        command.add(home.resolve("bin/mooring").toString());
        if (variant.isModules()) {
            command.add("--modules");
        }
        command.addAll(List.of(
                "--conf",
                conf.toString(),
                "--cache",
                directory.resolve("cache-" + variant.runtime()).toString()));
        return command;
    }

    String javaHome() {
        return variant.javaHome();
    }
}
