package dev.mooring.activation.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the process that listens on a TCP port, for a message. It finds only processes that proc(5) shows to this one. */
final class PortHolder {

    private static final String LISTEN = "0A"; // TCP_LISTEN in net/tcp_states.h

    private PortHolder() {}

    /** Names the process that holds the port, or the command that finds it. */
    static String describe(int port) {
        try {
            Set<String> sockets = new HashSet<>();
            for (String table : List.of("tcp", "tcp6")) {
                try (Stream<String> lines = Files.lines(Path.of("/proc/self/net", table))) {
                    String suffix = String.format(":%04X", port);
                    lines.map(line -> line.strip().split(" +"))
                            .filter(columns -> columns[1].endsWith(suffix) && columns[3].equals(LISTEN))
                            .forEach(columns -> sockets.add("socket:[" + columns[9] + "]"));
                }
            }
            try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
                for (Path process : processes) {
                    if (holds(process, sockets)) {
                        String command =
                                Files.readString(process.resolve("comm")).strip();
                        return "process " + process.getFileName() + " (" + command
                                + ") holds the port: stop it or choose another port";
                    }
                }
            }
        } catch (IOException | RuntimeException unreadable) {
            // Fall back to the command.
        }
        return "see who holds the port with: ss -ltnp 'sport = :" + port + "'";
    }

    private static boolean holds(Path process, Set<String> sockets) {
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
                if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
                    return true;
                }
            }
        } catch (IOException | UncheckedIOException notOursOrGone) {
            return false;
        }
        return false;
    }
}
