package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Origin;
import dev.mooring.activation.NamedSockets;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All sockets of this process, and what was wrong.
 *
 * @param activated whether descriptors were meant for this process, even if none of them is good
 */
public record Sockets(boolean activated, List<AdoptedSocket> adopted, List<String> problems) implements NamedSockets {

    /**
     * The descriptors that were seen to be inherited, so that those which have been made close-on-exec since are not
     * taken for files that the JVM opened. A system property, as it outlives this class when the bundle is updated.
     */
    private static final String INHERITED = "dev.mooring.activation.inherited";

    /** The sockets that the environment of this process names. */
    public static Sockets fromEnvironment() {
        ListenEnvironment environment = ListenEnvironment.read(
                System.getenv(),
                new ListenEnvironment.Self(
                        ProcessHandle.current().pid(),
                        ProcessHandle.current()
                                .parent()
                                .map(parent -> OptionalLong.of(parent.pid()))
                                .orElse(OptionalLong.empty()),
                        () -> Descriptors.get().ownPidfdId()));
        List<AdoptedSocket> adopted = new ArrayList<>();
        List<String> problems = new ArrayList<>(environment.problems());
        int descriptor = ListenEnvironment.FIRST_DESCRIPTOR;
        int closed = 0;
        Set<String> inherited =
                new LinkedHashSet<>(List.of(System.getProperty(INHERITED, "").split(",")));
        for (String name : environment.names()) {
            try {
                if (!inherited.contains(Integer.toString(descriptor)) && Descriptors.isOpenedByJvm(descriptor)) {
                    problems.add(notPassed(descriptor, name, environment.names().size())
                            + " (it is a file that this process has opened itself)");
                } else {
                    adopted.add(adopt(descriptor, name));
                    inherited.add(Integer.toString(descriptor));
                }
            } catch (NoSuchFileException notOpen) {
                if (closed++ == 0) {
                    problems.add(notPassed(descriptor, name, environment.names().size()));
                }
            } catch (IOException e) {
                problems.add("fd " + descriptor + " (socket '" + name + "') cannot be looked at: " + e.getMessage()
                        + "; it is left alone");
            }
            descriptor++;
        }
        if (closed > 1) {
            problems.add("fd … and " + (closed - 1) + " more descriptors up to fd " + (descriptor - 1)
                    + " are not open either");
        }
        if (environment.activated()) {
            System.setProperty(INHERITED, String.join(",", inherited));
        }
        return new Sockets(environment.activated(), List.copyOf(adopted), List.copyOf(problems));
    }

    private static AdoptedSocket adopt(int descriptor, String name) throws IOException {
        Descriptors descriptors = Descriptors.get();
        Description description = descriptors.look(descriptor);
        descriptors.closeOnExec(descriptor);
        return new AdoptedSocket(name, descriptor, description, Origin.INHERITED, descriptors);
    }

    private static String notPassed(int descriptor, String name, int count) {
        return "fd " + descriptor + " (socket '" + name + "') is not open, though LISTEN_FDS=" + count
                + "; whoever starts this process must pass descriptors 3 to " + (2 + count) + " to it";
    }

    /** Binds addresses, which stay bound until the process ends. */
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

    /** The same sockets, with every duplicate made known to {@code tracker}. */
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
        return matching(name).toList();
    }

    private Stream<NamedSocket> matching(String name) {
        return adopted.stream().filter(socket -> socket.name().equals(name)).map(socket -> socket);
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
                ? (activated ? "no descriptor could be taken" : "this process was not activated")
                : "the sockets are " + describe(adopted);
        String remedy = found.isEmpty() ? "; set FileDescriptorName=" + name + " in the .socket unit" : "; use named()";
        String wrong = problems.isEmpty() ? "" : ". " + String.join(". ", problems);
        throw new IOException(state + ": " + others + remedy + wrong);
    }

    /** The sockets in words, cut short if there are many. */
    static String describe(List<? extends NamedSocket> sockets) {
        int shown = 10;
        String words = sockets.stream().limit(shown).map(NamedSocket::toString).collect(Collectors.joining(", "));
        return sockets.size() > shown ? words + " and " + (sockets.size() - shown) + " more" : words;
    }

    @Override
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        adopted.forEach(socket -> names.add(socket.name()));
        return Collections.unmodifiableSet(names);
    }
}
