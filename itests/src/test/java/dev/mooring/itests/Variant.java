package dev.mooring.itests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a distribution runs on: OSGi or the module path, and a JDK.
 *
 * @param runtime as {@code MOORING_RUNTIME} has it
 */
record Variant(String runtime, Jdk jdk) {

    private static final String FELIX = "felix";
    private static final String MODULES = "modules";
    private static final boolean ALL =
            System.getProperty("mooring.runtimes", "").equals("all");
    private static final Set<Variant> ARCHIVED = new HashSet<>();

    /** Felix, for what is about OSGi. */
    static Variant felix() {
        return new Variant(FELIX, Jdk.RUNNING);
    }

    /** The module path, for what is about that. */
    static Variant modules() {
        return new Variant(MODULES, Jdk.RUNNING);
    }

    /** Felix on the JDK that runs the tests, and modules on a JDK 25 if there is one; all with {@code -Dmooring.runtimes=all}. */
    static List<Variant> each() {
        return ALL ? all() : List.of(felix(), new Variant(MODULES, newest()));
    }

    /** One, for what hardly depends on it; all with {@code -Dmooring.runtimes=all}. */
    static List<Variant> one() {
        return ALL ? all() : List.of(modules());
    }

    /** One, as the name of a test falls, so that of many some run on each; all with {@code -Dmooring.runtimes=all}. */
    static List<Variant> oneFor(String name) {
        return ALL ? all() : List.of(Math.floorMod(name.hashCode(), 2) == 0 ? felix() : modules());
    }

    /** Both on the JDK that runs the tests, and both on a JDK 25 if there is one. */
    private static List<Variant> all() {
        List<Variant> all = new ArrayList<>(List.of(felix(), modules()));
        if (newest() != Jdk.RUNNING) {
            all.add(new Variant(FELIX, newest()));
            all.add(new Variant(MODULES, newest()));
        }
        return all;
    }

    private static Jdk newest() {
        return Runtime.version().feature() == 25 || Jdk.JDK_25.home().isEmpty() ? Jdk.RUNNING : Jdk.JDK_25;
    }

    /** Whether it runs without OSGi. */
    boolean isModules() {
        return runtime.equals(MODULES);
    }

    /** Makes its archive of classes, once, as whoever installs the runtime does. Without one it takes longer and warns. */
    void makeArchive() throws IOException {
        synchronized (ARCHIVED) {
            if (!ARCHIVED.add(this)) {
                return;
            }
        }
        ProcessBuilder builder =
                new ProcessBuilder(Distribution.home().resolve("bin/mooring").toString(), "--archive");
        builder.environment().put("JAVA_HOME", javaHome());
        builder.environment().put("MOORING_RUNTIME", runtime);
        try (ChildProcess archive = new ChildProcess(builder)) {
            archive.awaitExit();
            System.out.println(this + ": " + archive.output().strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String javaHome() {
        return Path.of(jdk.java()).getParent().getParent().toString();
    }

    @Override
    public String toString() {
        return runtime + " on " + jdk;
    }
}
