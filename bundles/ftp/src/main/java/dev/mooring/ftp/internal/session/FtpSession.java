package dev.mooring.ftp.internal.session;

import dev.mooring.accounts.Account;
import dev.mooring.common.ClientText;
import dev.mooring.ftp.internal.control.ControlConnection;
import dev.mooring.ftp.internal.control.ControlListener;
import dev.mooring.ftp.internal.control.ControlLoop;
import dev.mooring.ftp.internal.control.LongReply;
import dev.mooring.ftp.internal.control.Reply;
import dev.mooring.ftp.internal.control.Request;
import dev.mooring.ftp.internal.files.Login;
import dev.mooring.protocol.ClientConnection;
import dev.mooring.share.Share;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The session of one client. The owner of its {@link CommandQueue} carries out its commands one after the other; an idle session has no thread. The
 * thread of the {@link ControlLoop} adds commands to the queue, and handles those that must not wait for a transfer itself.
 *
 * <p>Unless a comment says otherwise, only the owner uses a mutable field.
 */
public final class FtpSession implements ControlListener {

    /** The text of 421 for a session whose server is being replaced. */
    public static final String REPLACED = "The server is being replaced; please connect again.";

    private static final Logger LOG = System.getLogger(FtpSession.class.getName());
    private static final int MAX_WAITING = 200;

    /** Enough for a few of the longest commands, or for {@link #MAX_WAITING} short ones. */
    private static final int MAX_BYTES_WAITING = 1 << 15;

    private static final int MAX_BEFORE_LOGIN = 100;
    private static final Duration IDLE = Duration.ofSeconds(2);

    private final FtpEngine engine;
    private final ControlConnection connection;
    private final InetSocketAddress remote;
    private final List<InetAddress> dataPeers;
    private final InetAddress local;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CommandQueue<Request> commands;
    private final SessionTls tls;
    private final SessionTransfers transfers = new SessionTransfers(this);

    private SessionState state = new SessionState();
    private int status;
    private int commandsBeforeLogin;
    private int refusedLogins;

    /** Makes a session. The caller calls {@link #open}. */
    FtpSession(FtpEngine engine, ControlLoop loop, ClientConnection client) throws IOException {
        this.engine = engine;
        connection = new ControlConnection(client, loop, this, engine.server().idleTimeout());
        CommandRunner runner = new CommandRunner(this);
        commands = new CommandQueue<>(this::execute, MAX_WAITING, runner::handle);
        remote = (InetSocketAddress) client.source();
        dataPeers = List.of(remote.getAddress(), ((InetSocketAddress) client.peer()).getAddress());
        local = ((InetSocketAddress) client.channel().getLocalAddress()).getAddress();
        tls = new SessionTls(engine.server().tls(), connection, commands::discardWaiting);
        connection.awaitLogin(engine.server().loginTimeout());
    }

    /** Sends the greeting and starts reading commands. */
    void open() throws IOException {
        tls.openImplicit();
        send(new Reply(220, "FTP server ready."));
        connection.open();
    }

    // Called by the thread of the loop

    @Override
    public void received(Request request) {
        String progress = transfers.status();
        if (progress != null
                && request.command().equals("STAT")
                && request.argument() == null
                && !commands.isWaiting(any -> true)) {
            send(new Reply(213, progress));
        } else if (commands.sum(Request::size) + request.size() > MAX_BYTES_WAITING || !commands.add(request)) {
            dismiss("Too many commands at once.");
        } else if (isAbort(request)) {
            // The queue already has the command, so a transfer that is just starting finds it there.
            transfers.abort("the client aborted it");
        }
    }

    private static boolean isAbort(Request request) {
        return request.command().equals("ABOR");
    }

    @Override
    public void over() {
        // A command that has just ended may have been the login. If a command is waiting, the owner checks the time
        // before it.
        commands.closeIfIdle(
                connection::isOver,
                () -> finish(421, connection.isLoginOver() ? noLogin() : "Idle for too long; closing."));
    }

    /** Called once, by any thread. */
    @Override
    public void closed() {
        commands.close(() -> {});
        transfers.abort("the client has gone");
        transfers.discardSource();
        engine.remove(this);
        ended.countDown();
    }

    // Called by any thread

    /** Dismisses the client if it is idle. */
    void dismissIfIdle() {
        commands.closeIfIdle(() -> connection.isIdleFor(IDLE), () -> finish(421, REPLACED));
    }

    /** Aborts the current transfer, and closes the session with 421 after the current command. */
    public void dismiss(String reason) {
        close(421, reason);
        transfers.abort("the server closes the session");
    }

    /** Discards the waiting commands and closes the session with a reply. */
    public void close(int code, String text) {
        commands.close(() -> finish(code, text));
    }

    private void finish(int code, String text) {
        status = code;
        send(new Reply(code, text));
        connection.finish();
    }

    /** Whether the connection has ended. */
    public boolean isDisconnected() {
        return ended.getCount() == 0;
    }

    boolean awaitClosed(long millis) {
        try {
            return ended.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void closeNow() {
        connection.close();
    }

    private void send(Reply reply) {
        connection.send(reply.toString());
    }

    InetSocketAddress remote() {
        return remote;
    }

    /** The address of the client. */
    public InetAddress peer() {
        return remote.getAddress();
    }

    /** The addresses whose passive data connections are accepted: that of the client, and that of its proxy if there is one. */
    public List<InetAddress> dataPeers() {
        return dataPeers;
    }

    /** The address of the server to which the client has connected. */
    public InetAddress local() {
        return local;
    }

    public ServerContext server() {
        return engine.server();
    }

    /** The commands that a client can send. */
    CommandTable commands() {
        return engine.commands();
    }

    /** Waits until everything that has arrived on control connections so far has been read. */
    void awaitPendingReads() {
        engine.awaitPendingReads();
    }

    SocketChannel channel() {
        return connection.channel();
    }

    public SessionTransfers transfers() {
        return transfers;
    }

    /** Whether an ABOR command is waiting. */
    boolean isAbortWaiting() {
        return commands.isWaiting(FtpSession::isAbort);
    }

    /** Whether the session has ended, or ends after the current command. */
    boolean isClosed() {
        return commands.isClosed();
    }

    private void execute(Runnable task) {
        try {
            engine.threads().execute(task);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // No thread can carry out further commands of this session.
            LOG.log(Level.DEBUG, "The server is closed or cannot start a thread", e);
            connection.close();
        }
    }

    // Called by the owner alone: replies

    public void reply(int code, String text) {
        reply(new Reply(code, text));
    }

    public void reply(int code, List<String> lines) {
        reply(new Reply(code, lines));
    }

    /** Sends a reply, after the client has read most of the earlier replies. */
    public void reply(Reply reply) {
        status = reply.code();
        connection.awaitRoom();
        send(reply);
    }

    /** Starts a reply that is sent in parts, so that memory holds only the parts that the client has not read. */
    public LongReply startLongReply(int code, String first) {
        status = code;
        return new LongReply(code, first, part -> {
            connection.awaitRoom();
            connection.send(part);
        });
    }

    /** The code of the last reply. */
    int status() {
        return status;
    }

    /** The user and address, for the log. */
    @Override
    public String toString() {
        Login login = state.login;
        String address = peer().getHostAddress();
        return login == null ? address : ClientText.of(login.account().name()) + "@" + address;
    }

    // Login

    public SessionState state() {
        return state;
    }

    /** The reason to dismiss a client that has sent more commands than a login needs, or takes too long for it; {@code null} for none. */
    @Nullable
    String loginRefusalReason() {
        if (state.login == null && ++commandsBeforeLogin > MAX_BEFORE_LOGIN) {
            return "Too many commands before a login.";
        }
        return connection.isLoginOver() ? noLogin() : null;
    }

    private String noLogin() {
        return "No login for " + engine.server().loginTimeout().toSeconds() + " s; closing.";
    }

    /**
     * Logs an account in.
     *
     * @throws IOException if its files cannot be served
     */
    public void logIn(Account account, Share share) throws IOException {
        state.login = new Login(account, share);
        refusedLogins = 0;
        commandsBeforeLogin = 0;
        connection.established();
    }

    /** Counts a refused password; returns the number since the last login. */
    public int countRefusedLogin() {
        return ++refusedLogins;
    }

    /** Discards the login and everything that the client has set since it connected. The time for a login begins again only if there was one. */
    public void logOut() {
        if (isLoggedIn()) {
            connection.awaitLogin(engine.server().loginTimeout());
        }
        state = new SessionState();
        transfers.discardSource();
    }

    public boolean isLoggedIn() {
        return state.login != null;
    }

    /**
     * The login.
     *
     * @throws IllegalStateException if the client has not logged in
     */
    public Login login() {
        if (state.login == null) {
            throw new IllegalStateException("The client has not logged in");
        }
        return state.login;
    }

    public SessionTls tls() {
        return tls;
    }
}
