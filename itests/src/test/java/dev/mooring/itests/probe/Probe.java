package dev.mooring.itests.probe;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.activation.OwnedDescriptor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions about the sockets of its process. A question is a line on standard input. An answer consists of lines that
 * begin with {@code =}; the last is {@code =.}
 */
public final class Probe {

    private static final int PATIENCE_SECONDS = 20;

    private final Supplier<NamedSockets> sockets;
    private final List<AutoCloseable> held = new ArrayList<>();
    private @Nullable NamedSocket latest;

    /** Makes a probe that looks up the sockets for each question. */
    Probe(Supplier<NamedSockets> sockets) {
        this.sockets = sockets;
    }

    /** The probe without OSGi. */
    public static void main(String... arguments) throws IOException {
        NamedSockets sockets = NamedSockets.fromEnvironment();
        Probe probe = new Probe(() -> sockets);
        System.out.println("= ready");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String question = in.readLine(); question != null; question = in.readLine()) {
            StringBuilder answer = new StringBuilder();
            probe.answers(question)
                    .forEach(line -> answer.append("= ").append(line).append('\n'));
            System.out.print(answer + "=.\n");
            System.out.flush();
        }
    }

    /** Answers a question. */
    List<String> answers(String question) {
        try {
            return answer(List.of(question.split(" ")));
        } catch (Exception | LinkageError | AssertionError e) {
            StackTraceElement[] trace = e.getStackTrace();
            return List.of(e.toString(), trace.length > 0 ? trace[0].toString() : "");
        }
    }

    private List<String> answer(List<String> question) throws Exception {
        String name = question.size() > 1 ? question.get(1) : "";
        return switch (question.get(0)) {
            case "names" -> List.of(String.join(" ", sockets.get().names()));
            case "count" -> List.of(Integer.toString(sockets.get().all().size()));
            case "sockets" ->
                sockets.get().all().stream().map(NamedSocket::toString).toList();
            case "problems" -> sockets.get().problems();
            case "get" -> List.of(sockets.get().get(name).toString());
            case "accept" -> accept(get(name));
            case "asynchronous" -> asynchronous(get(name));
            case "connected" -> connected(get(name));
            case "datagram" -> datagram(get(name));
            case "descriptor" -> descriptor(get(name));
            case "hold" -> hold(get(name), question.get(2));
            case "release" -> release();
            case "child" -> child();
            case "stale" -> stale(name);
            case "busy" -> busy(get(name), question.get(2));
            default -> throw new IllegalArgumentException("unknown question " + question);
        };
    }

    private NamedSocket get(String name) throws IOException {
        return sockets.get().get(name);
    }

    /**
     * Serves four connections: one through each of two duplicates, one through the second after the first is closed, one
     * through a duplicate that is opened after both are closed.
     */
    private static List<String> accept(NamedSocket socket) throws IOException {
        List<String> said = new ArrayList<>();
        try (ServerSocketChannel second = socket.openServerSocketChannel()) {
            try (ServerSocketChannel first = socket.openServerSocketChannel()) {
                said.add("blocking " + first.isBlocking() + " " + second.isBlocking());
                said.add(echo(first));
                said.add(echo(second));
            }
            said.add(echo(second));
        }
        try (ServerSocketChannel third = socket.openServerSocketChannel()) {
            said.add(echo(third));
            said.add("then " + (third.accept() == null ? "nothing waits" : "one more waits"));
        }
        return said;
    }

    private static String echo(ServerSocketChannel server) throws IOException {
        await(server, SelectionKey.OP_ACCEPT);
        try (SocketChannel connection = server.accept()) {
            return echo(connection);
        }
    }

    private static String echo(SocketChannel connection) throws IOException {
        connection.configureBlocking(false);
        StringBuilder line = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(1000);
        while (line.indexOf("\n") < 0) {
            await(connection, SelectionKey.OP_READ);
            if (connection.read(buffer.clear()) < 0) {
                return "ended early: " + line;
            }
            line.append(StandardCharsets.UTF_8.decode(buffer.flip()));
        }
        connection.write(StandardCharsets.UTF_8.encode("echo " + line));
        return "echoed " + line.toString().strip();
    }

    private static void await(SelectableChannel channel, int operation) throws IOException {
        try (Selector selector = Selector.open()) {
            channel.register(selector, operation);
            if (selector.select(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS)) == 0) {
                throw new IOException("no data within " + PATIENCE_SECONDS + " s on " + channel);
            }
        }
    }

    /** Serves two connections in a new channel group, one before and one after a duplicate is closed. */
    private static List<String> asynchronous(NamedSocket socket) throws Exception {
        AsynchronousChannelGroup group =
                AsynchronousChannelGroup.withFixedThreadPool(1, Executors.defaultThreadFactory());
        List<String> said = new ArrayList<>();
        try {
            for (int i = 0; i < 2; i++) {
                try (AsynchronousServerSocketChannel server = socket.openAsynchronousServerSocketChannel(group);
                        AsynchronousSocketChannel connection =
                                server.accept().get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    ByteBuffer buffer = ByteBuffer.allocate(1000);
                    connection.read(buffer).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    String line = StandardCharsets.UTF_8.decode(buffer.flip()).toString();
                    connection
                            .write(StandardCharsets.UTF_8.encode("echo " + line))
                            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    said.add("echoed " + line.strip());
                }
            }
        } finally {
            group.shutdownNow();
        }
        return said;
    }

    /** Serves a connected socket: answers a line through each of two duplicates, and closes the connection. */
    private static List<String> connected(NamedSocket socket) throws IOException {
        List<String> said = new ArrayList<>();
        try (SocketChannel first = socket.openSocketChannel()) {
            said.add("blocking " + first.isBlocking());
            said.add(echo(first));
        }
        try (SocketChannel second = socket.openSocketChannel()) {
            said.add(echo(second));
            second.shutdownOutput();
        }
        return said;
    }

    /** Returns two datagrams, one through each of two duplicates. */
    private static List<String> datagram(NamedSocket socket) throws IOException {
        List<String> said = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (DatagramChannel channel = socket.openDatagramChannel()) {
                said.add("blocking " + channel.isBlocking());
                await(channel, SelectionKey.OP_READ);
                ByteBuffer buffer = ByteBuffer.allocate(1000);
                var peer = channel.receive(buffer);
                String text = StandardCharsets.UTF_8.decode(buffer.flip()).toString();
                channel.send(StandardCharsets.UTF_8.encode("echo " + text), peer);
                said.add("echoed " + text);
            }
        }
        return said;
    }

    /** Whether a bare duplicate is another descriptor of the same open file, and is gone after its close. */
    private static List<String> descriptor(NamedSocket socket) throws IOException {
        OwnedDescriptor duplicate = socket.openDescriptor();
        Path link = Path.of("/proc/self/fd", Integer.toString(duplicate.number()));
        Path inherited = Path.of("/proc/self/fd", Integer.toString(socket.descriptor()));
        boolean another = duplicate.number() != socket.descriptor();
        Path file = Files.readSymbolicLink(inherited);
        boolean same = Files.readSymbolicLink(link).equals(file);
        duplicate.close();
        duplicate.close();
        boolean gone = !leadsTo(link, file);
        boolean stays = Files.exists(inherited, LinkOption.NOFOLLOW_LINKS);
        return List.of("another number " + another + ", same file " + same + ", gone " + gone + ", stays " + stays);
    }

    /** Compares the target, because the JVM opens files at any time and may reuse the number of the closed duplicate. */
    private static boolean leadsTo(Path link, Path file) throws IOException {
        try {
            return Files.readSymbolicLink(link).equals(file);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private List<String> hold(NamedSocket socket, String kind) throws IOException {
        AutoCloseable duplicate = open(socket, kind);
        held.add(duplicate);
        latest = socket;
        return List.of(duplicate instanceof OwnedDescriptor bare ? Integer.toString(bare.number()) : "held");
    }

    static AutoCloseable open(NamedSocket socket, String kind) throws IOException {
        return switch (kind) {
            case "server" -> socket.openServerSocketChannel();
            case "asynchronous" -> socket.openAsynchronousServerSocketChannel(null);
            case "connected" -> socket.openSocketChannel();
            case "datagram" -> socket.openDatagramChannel();
            case "descriptor" -> socket.openDescriptor();
            default -> throw new IllegalArgumentException("unknown kind " + kind);
        };
    }

    /** Opens the socket that was held last. Its service may be gone. */
    private List<String> stale(String kind) throws Exception {
        if (latest == null) {
            throw new IllegalStateException("nothing was held");
        }
        open(latest, kind).close();
        return List.of("opened");
    }

    private List<String> release() throws Exception {
        int closed = 0;
        for (AutoCloseable duplicate : held) {
            closed += duplicate instanceof Channel channel && !channel.isOpen() ? 1 : 0;
            duplicate.close();
        }
        int count = held.size();
        held.clear();
        return List.of(count + " held, of which " + closed + " were closed before");
    }

    /** The open descriptors of a child process of the JDK. */
    private static List<String> child() throws IOException {
        Process ls = new ProcessBuilder("ls", "-l", "/proc/self/fd").start();
        try (BufferedReader out = ls.inputReader();
                Stream<String> lines = out.lines()) {
            return lines.filter(line -> line.contains("->"))
                    .map(line -> line.substring(line.indexOf("->") + 3))
                    .toList();
        }
    }

    /** Opens many duplicates while another thread opens and closes files. */
    private static List<String> busy(NamedSocket socket, String kind) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Thread other = new Thread(() -> {
            while (!over.get()) {
                try {
                    Files.readString(Path.of("/proc/self/stat"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        other.start();
        try {
            for (int i = 0; i < 200; i++) {
                open(socket, kind).close();
            }
        } finally {
            over.set(true);
            other.join();
        }
        return List.of("opened");
    }
}
