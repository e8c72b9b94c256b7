package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A page of {@code docs/how-to} that installs Mooring in another framework, and starts that with a systemd unit. */
final class HowTo {

    /** The directory of the project, in which a reader is. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** What the page on the Web Console unpacks. */
    static final Path WEB_CONSOLE = ROOT.resolve("runtime-config/web-console/target/mooring-webconsole.zip");

    private static final String PROMPT = "karaf@root()> ";

    private final String page;

    /**
     * Reads a page.
     *
     * @param places what stands for paths of the page
     */
    HowTo(String name, Map<String, String> places) throws IOException {
        String printed = Files.readString(ROOT.resolve("docs/how-to").resolve(name));
        for (Map.Entry<String, String> each : places.entrySet()) {
            assertTrue(printed.contains(each.getKey()), () -> name + " does not mention " + each.getKey());
            printed = printed.replace(each.getKey(), each.getValue());
        }
        page = printed;
    }

    private List<String> steps() {
        return page.substring(0, page.indexOf("\n## Under systemd"))
                .lines()
                .filter(line -> line.startsWith("    "))
                .map(line -> line.substring(4))
                .toList();
    }

    /** Runs the commands before the section on systemd. */
    void follow() throws IOException, InterruptedException {
        String commands =
                steps().stream().filter(line -> !line.startsWith(PROMPT)).collect(Collectors.joining("\n"));
        Tool.of("bash", "bash").run(ROOT, "-euc", commands);
    }

    /** What is typed in Karaf's console. */
    List<String> console() {
        return steps().stream()
                .filter(line -> line.startsWith(PROMPT))
                .map(line -> line.substring(PROMPT.length()))
                .toList();
    }

    /** The commands of a program that a client runs. */
    List<String> commands(String program) {
        return page.lines()
                .filter(line -> line.startsWith("    " + program + " "))
                .map(String::strip)
                .toList();
    }

    /** What systemd does for the unit: it goes to the directory, leaves the input empty and executes the command. */
    List<String> start() {
        return List.of(
                "sh",
                "-c",
                "cd " + setting("WorkingDirectory", "/") + " && exec " + setting("ExecStart", "") + " </dev/null");
    }

    /** A setting of the unit. */
    String setting(String key, String otherwise) {
        return page.lines()
                .filter(line -> line.startsWith("    " + key + "="))
                .map(line -> line.substring(line.indexOf('=') + 1))
                .findFirst()
                .orElse(otherwise);
    }
}
