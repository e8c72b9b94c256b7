package dev.mooring.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The command that starts a Felix framework with only the bundles of a test. */
final class Felix {

    static final String OPENED = "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED";

    private final Path directory;
    private final List<String> options = new ArrayList<>();
    private final List<Path> bundles = new ArrayList<>();
    private final List<Path> installed = new ArrayList<>();
    private final Map<String, String> properties = new LinkedHashMap<>();
    private Jdk jdk = Jdk.RUNNING;

    /**
     * Makes a framework.
     *
     * @param directory of its cache and its configuration
     */
    Felix(Path directory) {
        this.directory = directory;
        options.add("-Xshare:auto");
        options.add("-XX:TieredStopAtLevel=1");
    }

    Felix on(Jdk other) {
        jdk = other;
        return this;
    }

    /** Opens the JDK to the activation bundle. */
    Felix opened() {
        options.add(OPENED);
        return this;
    }

    Felix property(String name, String value) {
        properties.put(name, value);
        return this;
    }

    /** Installs and starts bundles in this order. */
    Felix bundles(Path... jars) {
        bundles.addAll(List.of(jars));
        return this;
    }

    /** Installs bundles before the others, without starting them. */
    Felix installed(Path... jars) {
        installed.addAll(List.of(jars));
        return this;
    }

    private static String uris(List<Path> jars) {
        return jars.stream().map(jar -> "\"" + jar.toUri() + "\"").collect(Collectors.joining(" "));
    }

    List<String> command() throws IOException {
        Map<String, String> all = new LinkedHashMap<>(properties);
        all.put("org.osgi.framework.storage", directory.resolve("cache").toString());
        all.put("org.osgi.framework.storage.clean", "onFirstInit");
        all.put("felix.auto.install.1", uris(installed));
        all.put("felix.auto.start.1", uris(bundles));
        Path configuration = directory.resolve("framework.properties");
        Files.write(
                configuration,
                all.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .toList());
        List<String> command = new ArrayList<>();
        command.add(jdk.java());
        command.addAll(options);
        command.add("-Dfelix.config.properties=" + configuration.toUri());
        command.addAll(List.of("-cp", Jars.of("org.apache.felix.main").toString(), "org.apache.felix.main.Main"));
        return command;
    }
}
