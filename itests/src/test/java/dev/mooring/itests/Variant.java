package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How a distribution runs: on OSGi or on the module path, on which JDK, and as which user.
 *
 * @param runtime the value of {@code MOORING_RUNTIME}
 * @param ordinary whether it runs as an ordinary user if the tests run as root; otherwise it runs as the user of the tests
 */
record Variant(String runtime, Jdk jdk, boolean ordinary) {

    private static final String FELIX = "felix";
    private static final String MODULES = "modules";
    private static final boolean ALL =
            System.getProperty("mooring.runtimes", "").equals("all");

    /** Deadline for making an archive: a start, a request over each protocol, and the JVM's dump of all classes take 10 s of a processor. */
    private static final Duration ARCHIVE_PATIENCE = Duration.ofMinutes(3);

    private static final Set<String> ARCHIVED = new HashSet<>();

    /** Felix, for tests of OSGi. */
    static Variant felix() {
        return new Variant(FELIX, Jdk.RUNNING, true);
    }

    /** The module path, for tests of it. */
    static Variant modules() {
        return new Variant(MODULES, Jdk.RUNNING, true);
    }

    /**
     * Felix on the JDK of the tests, as an ordinary user; and the module path on a JDK 25 if there is one, as the user of the tests.
     * All variants with {@code -Dmooring.runtimes=all}.
     */
    static List<Variant> each() {
        return ALL ? all() : List.of(felix(), new Variant(MODULES, newest(), false));
    }

    /** One variant, for tests that hardly depend on it; all with {@code -Dmooring.runtimes=all}. */
    static List<Variant> one() {
        return ALL ? all() : List.of(modules());
    }

    /** One variant, chosen by the hash of a test's name, so that about half of the tests run on each; all with {@code -Dmooring.runtimes=all}. */
    static List<Variant> oneFor(String name) {
        return ALL ? all() : List.of(Math.floorMod(name.hashCode(), 2) == 0 ? felix() : modules());
    }

    /** Felix and the module path on the JDK of the tests, and on a JDK 25 if there is one. */
    private static List<Variant> all() {
        List<Variant> all = new ArrayList<>(List.of(felix(), new Variant(MODULES, Jdk.RUNNING, false)));
        if (newest() != Jdk.RUNNING) {
            all.add(new Variant(FELIX, newest(), false));
            all.add(new Variant(MODULES, newest(), true));
        }
        return all;
    }

    /** A JDK 25 if there is one, else the JDK of the tests. */
    static Jdk newest() {
        return Runtime.version().feature() == 25 || Jdk.JDK_25.home().isEmpty() ? Jdk.RUNNING : Jdk.JDK_25;
    }

    /** Whether it runs without OSGi. */
    boolean isModules() {
        return runtime.equals(MODULES);
    }

    /** Makes the archive of classes once, as an operator does. Without it a start takes longer and logs a warning. */
    void makeArchive() throws IOException {
        synchronized (ARCHIVED) {
            if (!ARCHIVED.add(runtime + jdk)) {
                return;
            }
        }
        ProcessBuilder builder = mooring(Distribution.home(), "--archive");
        try (ChildProcess archive = new ChildProcess(builder)) {
            int status = archive.awaitExit(ARCHIVE_PATIENCE);
            assertEquals(0, status, archive::output);
            System.out.println(runtime + " on " + jdk + ": " + archive.output().strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A command of {@code bin/mooring} on this runtime and JDK. */
    ProcessBuilder mooring(Path home, String... options) {
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin/mooring").toString()));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", javaHome());
        builder.environment().put("MOORING_RUNTIME", runtime);
        return builder;
    }

    String javaHome() {
        return Path.of(jdk.java()).getParent().getParent().toString();
    }

    @Override
    public String toString() {
        return runtime + " on " + jdk + (ordinary ? " as an ordinary user" : "");
    }
}
