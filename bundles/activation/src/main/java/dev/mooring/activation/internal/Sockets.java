package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Origin;
import dev.mooring.activation.NamedSockets;
import dev.mooring.activation.internal.descriptor.Description;
import dev.mooring.activation.internal.descriptor.Descriptors;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * All sockets of this process, and the problems.
 *
 * @param activated whether descriptors were meant for this process, even if none of them is usable
 */
public record Sockets(boolean activated, List<AdoptedSocket> adopted, List<String> problems) implements NamedSockets {

    /**
     * The system property with the inherited descriptors. They are close-on-exec after the first inspection, so a second one
     * would take them for files of the JVM. A system property outlives this class when the bundle is updated.
     */
    private static final String INHERITED = "dev.mooring.activation.inherited";

    /** The limit of sockets in a message. */
    private static final int MANY = 10;

    /**
     * Finds the sockets that the environment of this process names. One thread at a time does this. Otherwise, when one thread
     * has just made a descriptor close-on-exec, another would take it for a file of the JVM. The lock is a constant string, which is one object for the whole process, even if this class
     * is loaded twice.
     */
    public static Sockets fromEnvironment() {
        synchronized (INHERITED) {
            return readEnvironment();
        }
    }

    private static Sockets readEnvironment() {
        ListenEnvironment environment = ListenEnvironment.read(
                System.getenv(),
                new ListenEnvironment.Self(
                        ProcessHandle.current().pid(),
                        ProcessHandle.current().parent().stream()
                                .mapToLong(ProcessHandle::pid)
                                .findFirst(),
                        () -> DescriptorBackEnd.get().ownPidfdId()));
        List<String> names = environment.names();
        List<AdoptedSocket> adopted = new ArrayList<>();
        List<String> problems = new ArrayList<>(environment.problems());
        Set<Integer> passed = new HashSet<>();
        Set<String> inherited =
                new LinkedHashSet<>(List.of(System.getProperty(INHERITED, "").split(",")));
        // LISTEN_FDS may be any number, so the open descriptors limit the work.
        for (int descriptor : Descriptors.open(ListenEnvironment.FIRST_DESCRIPTOR, names.size())) {
            String name = names.get(descriptor - ListenEnvironment.FIRST_DESCRIPTOR);
            boolean behindGap = passed.size() < descriptor - ListenEnvironment.FIRST_DESCRIPTOR;
            try {
                Description description = DescriptorBackEnd.get().inspect(descriptor);
                if (!inherited.contains(Integer.toString(descriptor))
                        && Descriptors.isOpenedByJvm(descriptor, description, behindGap)) {
                    continue;
                }
                adopted.add(adopt(descriptor, name, description));
                inherited.add(Integer.toString(descriptor));
                passed.add(descriptor);
            } catch (NoSuchFileException closedSince) {
                // A file of this process, closed meanwhile.
            } catch (IOException e) {
                passed.add(descriptor);
                problems.add("fd " + descriptor + " (socket '" + name + "') cannot be inspected: " + e.getMessage()
                        + "; it is not used");
            }
        }
        if (passed.size() < names.size()) {
            problems.add(notPassed(names, passed));
        }
        if (environment.activated()) {
            System.setProperty(INHERITED, String.join(",", inherited));
        }
        return new Sockets(environment.activated(), List.copyOf(adopted), List.copyOf(problems));
    }

    private static AdoptedSocket adopt(int descriptor, String name, Description description) throws IOException {
        Descriptors descriptors = DescriptorBackEnd.get();
        descriptors.closeOnExec(descriptor);
        return new AdoptedSocket(name, descriptor, description, Origin.INHERITED, descriptors);
    }

    private static String notPassed(List<String> names, Set<Integer> passed) {
        int first = ListenEnvironment.FIRST_DESCRIPTOR;
        List<String> missing = IntStream.range(first, first + names.size())
                .filter(descriptor -> !passed.contains(descriptor))
                .limit(MANY)
                .mapToObj(descriptor -> "fd " + descriptor + " (socket '" + names.get(descriptor - first) + "')")
                .toList();
        int more = names.size() - passed.size() - missing.size();
        return String.join(", ", missing)
                + (more > 0 ? " and " + more + " more" : "")
                + (missing.size() == 1 ? " is" : " are")
                + " not open, though LISTEN_FDS=" + names.size()
                + "; the launcher must pass descriptors " + first + " to " + (first + names.size() - 1);
    }

    /** Binds addresses. They stay bound until the process ends. */
    public static Sockets bind(List<String> listen) {
        List<AdoptedSocket> bound = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (String entry : listen) {
            try {
                bound.add(BoundSocket.bind(ListenAddress.of(entry)).socket());
            } catch (IOException | IllegalArgumentException e) {
                problems.add(e.getMessage());
            }
        }
        return new Sockets(false, List.copyOf(bound), List.copyOf(problems));
    }

    /** Returns the same sockets, which report every duplicate to {@code tracker}. */
    Sockets tracked(Consumer<Channel> tracker) {
        return new Sockets(
                activated,
                adopted.stream().map(socket -> socket.tracked(tracker)).toList(),
                problems);
    }

    @Override
    public List<NamedSocket> all() {
        return List.copyOf(adopted);
    }

    @Override
    public List<NamedSocket> named(String name) {
        return all().stream().filter(socket -> socket.name().equals(name)).toList();
    }

    @Override
    public NamedSocket get(String name) throws IOException {
        List<NamedSocket> found = named(name);
        if (found.size() == 1) {
            return found.get(0);
        }
        String state = found.isEmpty()
                ? "No socket is named '" + name + "'"
                : found.size() + " sockets are named '" + name + "'";
        String others = adopted.isEmpty()
                ? (activated ? "no descriptor is usable" : notActivated())
                : "the sockets are " + describe(adopted);
        String remedy = found.isEmpty() ? missing(name) : "; use named()";
        String wrong = problems.isEmpty() ? "" : ". " + String.join(". ", problems);
        throw new IOException(state + ": " + others + remedy + wrong);
    }

    private String notActivated() {
        String meantFor = System.getenv("LISTEN_PID");
        String own = Long.toString(ProcessHandle.current().pid());
        // If this is the parent of the process, there is a problem that says so.
        return "this process was not activated"
                + (meantFor == null || meantFor.equals(own) || !problems.isEmpty()
                        ? ""
                        : ", because LISTEN_PID=" + meantFor + " is not its process id, " + own);
    }

    private String missing(String name) {
        if (activated) {
            return "; set FileDescriptorName=" + name + " in the .socket unit";
        }
        return adopted.isEmpty()
                ? "; start it by its .socket unit, or with systemd-socket-activate"
                : "; bind " + name + "=ADDRESS too";
    }

    /** Lists the sockets, up to a limit. */
    static String describe(List<? extends NamedSocket> sockets) {
        String words = sockets.stream().limit(MANY).map(NamedSocket::toString).collect(Collectors.joining(", "));
        return sockets.size() > MANY ? words + " and " + (sockets.size() - MANY) + " more" : words;
    }

    @Override
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        adopted.forEach(socket -> names.add(socket.name()));
        return Collections.unmodifiableSet(names);
    }

    @Override
    public int openConnections() {
        return OpenConnections.count(adopted);
    }
}
