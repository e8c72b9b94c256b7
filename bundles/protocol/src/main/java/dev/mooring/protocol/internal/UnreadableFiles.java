package dev.mooring.protocol.internal;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;

/** Finds Mooring's configuration files that this process may not read, in the directories of File Install. */
final class UnreadableFiles {

    /** The directories of File Install, separated by commas. */
    private static final String DIRECTORIES = "felix.fileinstall.dir";

    private UnreadableFiles() {}

    /** The current problems, by PID. */
    static Map<String, ServerProblem> problems(BundleContext context) throws IOException {
        Map<String, ServerProblem> problems = new TreeMap<>();
        @Nullable String directories = context.getProperty(DIRECTORIES);
        for (String each : directories == null ? new String[0] : directories.split(",")) {
            Path directory = Path.of(each.strip());
            if (Files.isReadable(directory)) {
                look(directory, problems);
            }
        }
        return problems;
    }

    private static void look(Path directory, Map<String, ServerProblem> problems) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*mooring.*.cfg")) {
            for (Path file : files) {
                if (!Files.isReadable(file)) {
                    String name = file.getFileName().toString();
                    String pid =
                            name.substring(0, name.length() - ".cfg".length()).replaceFirst("-", "~");
                    problems.put(
                            pid,
                            new ServerProblem(
                                    pid,
                                    "has a file that cannot be read",
                                    file + " cannot be read by " + System.getProperty("user.name")
                                            + ", so it is ignored. Let this user read it, and touch it"));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
