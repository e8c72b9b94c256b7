package dev.mooring.itests;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A command that inherits descriptors. The script {@code activate} starts it as systemd starts a service.
 *
 * <pre>{@code
 * try (ActivatedProcess server = ActivatedProcess.with("http=tcp4", "admin=unix:" + path).start("java", …)) {
 *     connect(server.port("http"));
 * }
 * }</pre>
 */
public final class ActivatedProcess extends ChildProcess {

    private final List<Passed> passed;

    /** A passed descriptor: its number, its name, and its port, or 0 if it has none. */
    public record Passed(int descriptor, String name, int port) {}

    /** The descriptors to pass. */
    public static final class Builder {

        private final List<String> sockets;
        private final Map<String, String> environment = new LinkedHashMap<>();

        private Builder(List<String> sockets) {
            this.sockets = sockets;
        }

        /** Sets a variable after {@code activate} has set its own. {@code %PID%} stands for the process; {@code -} unsets the variable. */
        public Builder variable(String name, String value) {
            environment.put("ACTIVATE_SET_" + name, value);
            return this;
        }

        public ActivatedProcess start(String... command) throws IOException {
            return start(List.of(command));
        }

        public ActivatedProcess start(List<String> command) throws IOException {
            List<String> all = new ArrayList<>(List.of("perl", script().toString()));
            all.addAll(sockets);
            all.add("--");
            all.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(all);
            builder.environment().keySet().removeIf(name -> name.startsWith("LISTEN_"));
            builder.environment().putAll(environment);
            return new ActivatedProcess(builder);
        }
    }

    /** Passes descriptors, each given as {@code NAME=KIND}; the script {@code activate} lists the kinds. */
    public static Builder with(String... sockets) {
        return new Builder(List.of(sockets));
    }

    private ActivatedProcess(ProcessBuilder builder) throws IOException {
        super(builder);
        try {
            passed = await(ActivatedProcess::passed, "the descriptors that activate passes");
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    private static Optional<List<Passed>> passed(List<String> lines) {
        int end = lines.indexOf("");
        if (end < 0) {
            return Optional.empty();
        }
        return Optional.of(lines.subList(0, end).stream()
                .filter(line -> line.matches("\\d+ .* \\d+"))
                .map(line -> new Passed(
                        Integer.parseInt(line.substring(0, line.indexOf(' '))),
                        line.substring(line.indexOf(' ') + 1, line.lastIndexOf(' ')),
                        Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1))))
                .toList());
    }

    static Path script() {
        try {
            return Path.of(ActivatedProcess.class.getResource("/activate").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All passed descriptors, from 3 up. */
    public List<Passed> passed() {
        return passed;
    }

    /** The first descriptor with a name. */
    public Passed passed(String name) {
        return passed.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no socket '" + name + "' among " + passed));
    }

    /** The port of the first socket with a name. */
    public int port(String name) {
        return passed(name).port();
    }
}
