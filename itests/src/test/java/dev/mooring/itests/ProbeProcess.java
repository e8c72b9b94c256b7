package dev.mooring.itests;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A child process that runs the probe, as a bundle or as the main class. */
final class ProbeProcess implements AutoCloseable {

    static final String MAIN = "dev.mooring.itests.probe.Probe";

    private final ActivatedProcess process;

    /** Takes over a process that starts a probe, and waits until the probe has started. */
    ProbeProcess(ActivatedProcess process) {
        this.process = process;
        try {
            process.awaitLine("= ready");
        } catch (AssertionError e) {
            process.close();
            throw e;
        }
    }

    /**
     * Makes a bundle from a subpackage.
     *
     * @param activator the subpackage and its activator, such as {@code probe.ProbeActivator}
     */
    static Path bundle(String activator, Path directory) throws Exception {
        try (Builder builder = new Builder()) {
            String name = "dev.mooring.itests." + activator;
            builder.addClasspath(Jars.testClasses().toFile());
            builder.addClasspath(Jars.of("dev.mooring.activation").toFile());
            builder.addClasspath(Jars.of("dev.mooring.share").toFile());
            builder.addClasspath(Jars.of("dev.mooring.accounts").toFile());
            builder.setBundleSymbolicName(name);
            builder.setProperty("Bundle-Activator", name);
            builder.setProperty("-noimportjava", "true");
            builder.setPrivatePackage(name.substring(0, name.lastIndexOf('.')));
            builder.setImportPackage("!org.jspecify.annotations,*");
            try (Jar jar = builder.build()) {
                if (!builder.isOk()) {
                    throw new IllegalStateException(
                            name + " is not a valid bundle: " + builder.getErrors() + builder.getWarnings());
                }
                Path file = directory.resolve(name + ".jar");
                jar.write(file.toFile());
                return file;
            }
        }
    }

    /** The bundles that turn a Felix into a probe. */
    static Path[] bundles(Path directory) throws Exception {
        return new Path[] {bundle("probe.ProbeActivator", directory), bundle("console.ConsoleActivator", directory)};
    }

    /** Asks a question without waiting for the answer, so that the test can act as the client meanwhile. */
    int send(String question) {
        int mark = process.mark();
        process.send(question);
        return mark;
    }

    /** Waits for the answer to the question that was sent at the mark. */
    List<String> answer(int mark) {
        return process.await(
                lines -> {
                    List<String> since = lines.subList(mark, lines.size());
                    return since.contains("=.")
                            ? Optional.of(since.subList(0, since.indexOf("=.")).stream()
                                    .filter(line -> line.startsWith("= "))
                                    .map(line -> line.substring(2))
                                    .toList())
                            : Optional.empty();
                },
                "the answer of the probe");
    }

    List<String> ask(String question) {
        return answer(send(question));
    }

    ActivatedProcess process() {
        return process;
    }

    int port(String name) {
        return process.port(name);
    }

    @Override
    public void close() {
        process.close();
    }
}
