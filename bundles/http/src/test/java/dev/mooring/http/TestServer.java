package dev.mooring.http;

import dev.mooring.protocol.ListeningSocket;
import dev.mooring.share.Share;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/** A server on an ephemeral port. */
public final class TestServer implements Closeable {

    private final ListeningSocket socket;
    private final HttpServer server;

    /** Serves a directory. */
    public TestServer(Path root) throws IOException {
        this(root, HttpSettings.DEFAULT);
    }

    /** Serves a directory with other settings. */
    public TestServer(Path root, HttpSettings settings) throws IOException {
        this(new DirectoryShare(root), settings);
    }

    /** Serves a share with other settings. */
    public TestServer(Share share, HttpSettings settings) throws IOException {
        socket = ListeningSocket.inet("http");
        server = new HttpServer("http~test", share, settings);
        server.add(socket);
        server.start();
    }

    /** The server itself. */
    public HttpServer server() {
        return server;
    }

    /** Makes a client of the server. */
    public Client client() {
        return new Client(socket.localAddress());
    }

    /** The address of the server. */
    public SocketAddress address() {
        return socket.localAddress();
    }

    /** The port of the server. */
    public long port() {
        return socket.port();
    }

    @Override
    public void close() {
        server.close();
    }

    /** Writes a file, and sets its modification time to an hour ago. */
    public static Path write(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        return settle(file);
    }

    /** Sets the modification time of a file to an hour ago. */
    public static Path settle(Path file) throws IOException {
        Instant hourAgo = Instant.now().minusSeconds(3600);
        return Files.setLastModifiedTime(file, FileTime.from(hourAgo));
    }
}
