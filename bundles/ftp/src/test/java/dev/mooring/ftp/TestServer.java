package dev.mooring.ftp;

import dev.mooring.protocol.ListeningSocket;
import dev.mooring.protocol.TrustedProxies;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Shares;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A server on an ephemeral port with {@link FakeAccounts}. */
public final class TestServer implements Closeable {

    private final ListeningSocket socket;
    private final OwnedShare share;
    private final FtpFileServer server;

    /** Serves a directory with the default settings. */
    public TestServer(Path root) throws IOException {
        this(root, FtpSettings.DEFAULT);
    }

    /** Serves a directory with settings and data sockets. */
    public TestServer(Path root, FtpSettings settings, ListeningSocket... data) throws IOException {
        this(root, settings, null, data);
    }

    /** Serves a directory with a time for logins. */
    TestServer(Path root, FtpSettings settings, Duration loginTimeout) throws IOException {
        this(root, null, share -> new FtpFileServer("ftp~test", share, settings, loginTimeout));
    }

    /** Serves a directory behind proxies that must send a header, unless they are {@code null}. */
    public TestServer(Path root, FtpSettings settings, @Nullable TrustedProxies proxies, ListeningSocket... data)
            throws IOException {
        this(root, proxies, share -> new FtpFileServer("ftp~test", share, settings), data);
    }

    private TestServer(
            Path root,
            @Nullable TrustedProxies proxies,
            Function<OwnedShare, FtpFileServer> maker,
            ListeningSocket... data)
            throws IOException {
        socket = ListeningSocket.inet("ftp");
        share = Shares.open("default", root.toString(), false, List.of());
        server = maker.apply(share);
        server.setAccounts(new FakeAccounts());
        if (proxies != null) {
            server.requireProxyProtocol(proxies);
        }
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

    /** The listening socket. */
    public ListeningSocket socket() {
        return socket;
    }

    /** Connects a client, which has not logged in. */
    public FtpClient client() throws IOException {
        return new FtpClient(socket.localAddress());
    }

    @Override
    public void close() throws IOException {
        server.close();
        share.close();
    }
}
