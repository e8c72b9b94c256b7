package dev.mooring.ftp;

import dev.mooring.protocol.ListeningSocket;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Shares;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A server on an ephemeral port, which Ada may write to. */
public final class TestServer implements Closeable {

    private final ListeningSocket socket;
    private final OwnedShare share;
    private final FtpFileServer server;

    /** Serves a directory. */
    public TestServer(Path root) throws IOException {
        this(root, FtpSettings.DEFAULT);
    }

    /** Serves a directory in some way, with sockets for passive mode. */
    public TestServer(Path root, FtpSettings settings, ListeningSocket... data) throws IOException {
        socket = ListeningSocket.inet("ftp");
        share = Shares.open("default", root.toString(), false, List.of());
        server = new FtpFileServer("ftp~test", share, settings);
        server.setAccounts(new FakeAccounts());
        for (ListeningSocket each : data) {
            server.addData(each);
        }
        server.add(socket);
        server.start();
    }

    /** The server itself. */
    public FtpFileServer server() {
        return server;
    }

    /** Where it listens. */
    public ListeningSocket socket() {
        return socket;
    }

    /** A client that has not logged in. */
    public FtpClient client() throws IOException {
        return new FtpClient(socket.localAddress());
    }

    @Override
    public void close() throws IOException {
        server.close();
        share.close();
    }
}
