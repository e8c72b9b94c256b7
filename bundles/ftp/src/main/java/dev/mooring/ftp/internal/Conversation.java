package dev.mooring.ftp.internal;

import dev.mooring.ftp.FtpSettings;
import dev.mooring.share.Account;
import dev.mooring.share.ClientLog;
import dev.mooring.share.ClientText;
import dev.mooring.share.Share;
import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.ftpserver.command.Command;
import org.apache.ftpserver.ftplet.FtpException;
import org.apache.ftpserver.impl.FtpIoSession;
import org.apache.ftpserver.usermanager.impl.BaseUser;
import org.apache.mina.core.session.IdleStatus;
import org.jspecify.annotations.Nullable;

/**
 * One client: what it has said, and what it is about. Its commands are carried out one after the other, by a thread that is
 * there only as long as there is a command; MINA's thread only takes them down, and acts on those that must not wait.
 *
 * <p>State that is not guarded otherwise is that of the command that is carried out.
 */
final class Conversation {

    private static final Logger LOG = System.getLogger(Conversation.class.getName());
    private static final ClientLog DEFECTS = new ClientLog(LOG);
    private static final int MOST_WAITING = 200;
    private static final int MOST_BEFORE_LOGIN = 100;
    private static final int SECONDS_BEFORE_LOGIN = 60;
    private static final int IDLE_MILLIS = 2000;
    private static final long LONGEST_GRACE_MILLIS = 100;

    private final FtpEngine engine;
    private final FtpIoSession session;
    private final InetAddress peer;
    private final InetAddress local;
    private final CountDownLatch gone = new CountDownLatch(1);

    private final Deque<Request> waiting = new ArrayDeque<>();
    private boolean running;
    private boolean dismissed;
    private volatile boolean closed;
    private volatile @Nullable Transfer transfer;

    private volatile int status;
    private long moved;
    private boolean held;
    private int beforeLogin;
    private @Nullable SSLContext tls;
    private boolean protectedData;
    private @Nullable Account account;
    private @Nullable Share share;
    private @Nullable ShareFileSystem files;
    private SharePath directory = SharePath.ROOT;
    private @Nullable DataSource source;

    /** What the client has said before, for a command to come. */
    @Nullable
    String user;

    int refusedLogins;
    long offset;
    boolean resumed;

    @Nullable
    SharePath renameFrom;

    boolean extendedPassiveOnly;
    Set<Fact> facts = EnumSet.allOf(Fact.class);
    String hash = "SHA-256";

    Conversation(FtpEngine engine, FtpIoSession session) {
        this.engine = engine;
        this.session = session;
        peer = Control.address(session.getRemoteAddress());
        local = Control.address(session.getLocalAddress());
        protectedData = engine.settings().tls() == FtpSettings.Tls.IMPLICIT;
        session.getConfig().setIdleTime(IdleStatus.BOTH_IDLE, (int)
                Math.min(SECONDS_BEFORE_LOGIN, engine.settings().idleTimeout().toSeconds()));
    }

    // What MINA's thread calls

    void received(Request request) {
        Transfer moving = transfer;
        if (moving != null) {
            if (request.getCommand().equals("ABOR")) {
                moving.abort("the client aborted it");
            } else if (request.getCommand().equals("STAT") && !request.hasArgument()) {
                reply(213, moving.status());
                return;
            }
        }
        synchronized (waiting) {
            if (dismissed) {
                return;
            }
            if (waiting.size() < MOST_WAITING) {
                waiting.add(request);
                run();
                return;
            }
        }
        dismiss("Too many commands at once.");
    }

    void idle() {
        if (!isBusy()) {
            dismiss("Idle for too long; closing.");
        }
    }

    /** Dismisses the client if it has not asked for anything for a while. */
    void dismissIfIdle() {
        if (!isBusy() && System.currentTimeMillis() - session.getLastIoTime() > IDLE_MILLIS) {
            dismiss("The server is being replaced; please connect again.");
        }
    }

    private boolean isBusy() {
        synchronized (waiting) {
            return running || transfer != null;
        }
    }

    void closed() {
        closed = true;
        synchronized (waiting) {
            dismissed = true;
            waiting.clear();
        }
        abort("the client has gone");
        forgetDataSource();
        gone.countDown();
    }

    // What any thread calls

    /** Says good-bye: 421, as soon as a transfer is aborted. */
    void dismiss(String reason) {
        synchronized (waiting) {
            if (dismissed) {
                return;
            }
            dismissed = true;
            waiting.clear();
        }
        abort("the server closes the session");
        reply(421, reason);
        session.closeOnFlush();
    }

    private void abort(String reason) {
        Transfer moving = transfer;
        if (moving != null) {
            moving.abort(reason);
        }
    }

    boolean awaitClosed(long millis) {
        try {
            return gone.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void breakOff() {
        session.closeNow();
    }

    void reply(int code, String text) {
        reply(new Reply(code, text));
    }

    void reply(int code, List<String> lines) {
        reply(new Reply(code, lines));
    }

    void reply(Reply reply) {
        status = reply.code();
        session.write(reply);
    }

    InetAddress peer() {
        return peer;
    }

    InetAddress local() {
        return local;
    }

    FtpIoSession session() {
        return session;
    }

    FtpEngine engine() {
        return engine;
    }

    /** Who it is, for the log. */
    @Override
    public String toString() {
        Account who = account;
        return who == null ? peer.getHostAddress() : ClientText.of(who.name()) + "@" + peer.getHostAddress();
    }

    // Commands, one after the other

    /** Starts a thread if there is none. */
    private void run() {
        synchronized (waiting) {
            if (!running) {
                running = true;
                submit();
            }
        }
    }

    private void submit() {
        try {
            engine.threads().execute(this::carryOut);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "The server is closed", e);
        }
    }

    private void carryOut() {
        while (true) {
            Request request;
            synchronized (waiting) {
                request = waiting.poll();
                if (request == null) {
                    running = false;
                    return;
                }
            }
            execute(request);
            if (held) {
                return;
            }
        }
    }

    /** Lets further commands wait until {@link #resume}. */
    void hold() {
        held = true;
    }

    /** Goes on with further commands. Any thread may. */
    void resume(Runnable before) {
        try {
            engine.threads().execute(() -> {
                held = false;
                before.run();
                carryOut();
            });
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "The server is closed", e);
        }
    }

    private void execute(Request request) {
        if (account == null && ++beforeLogin > MOST_BEFORE_LOGIN) {
            dismiss("Too many commands before a login.");
            return;
        }
        Command command = engine.context().getCommandFactory().getCommand(request.getCommand());
        Account who = account;
        SharePath from = directory;
        long start = System.nanoTime();
        moved = 0;
        try {
            if (request.getCommand().equals("-UNREADABLE")) {
                reply(501, String.valueOf(request.getArgument()));
            } else if (command == null) {
                reply(502, request.getCommand() + " is not a command of this server.");
            } else {
                command.execute(session, engine.context(), request);
            }
        } catch (InvalidPathException e) {
            reply(553, "No file can have such a name.");
        } catch (IOException e) {
            Problem problem = Problem.of(e);
            if (problem.log() != null) {
                LOG.log(
                        Level.WARNING,
                        "{0}: {1} of {2} failed: {3}",
                        engine.name(),
                        ClientText.of(request.getCommand()),
                        this,
                        ClientText.sentence(problem.log()));
            }
            reply(problem.code(), problem.text());
        } catch (FtpException | RuntimeException e) {
            DEFECTS.log(
                    Level.ERROR,
                    peer,
                    () -> engine.name() + ": " + ClientText.of(request.getCommand()) + " of " + this + " failed: "
                            + ClientText.sentence(e));
            LOG.log(Level.DEBUG, "Where it happened", ClientText.trace(e));
            reply(451, "The server has a problem with this command.");
        }
        if (engine.traffic().isLogged() && Commands.LOGGED.contains(request.getCommand())) {
            log(request, who, from, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private void log(Request request, @Nullable Account who, SharePath from, Duration duration) {
        String path = String.valueOf(request.getArgument());
        try {
            path = resolve(from, TransferCommands.withoutOptions(request.getArgument()))
                    .toString();
        } catch (InvalidPathException e) {
            LOG.log(Level.TRACE, "It is logged as it was given", ClientText.trace(e));
        }
        engine.traffic()
                .log(
                        session.getRemoteAddress(),
                        who == null ? null : who.name(),
                        request.getCommand(),
                        ClientText.encode(path),
                        "FTP",
                        status,
                        moved,
                        duration);
    }

    /** Counts what a transfer has moved, for the command that it belongs to. */
    void moved(long bytes) {
        moved = bytes;
        engine.traffic().moved(bytes);
    }

    // Security

    /** Encrypts the connection from here on; a reply may go out before. */
    void secure(SSLContext context, @Nullable Reply before) {
        tls = context;
        ControlProcessor.queue(session);
        session.getFilterChain().addFirst("tls", Control.tls(context, before));
        if (before != null) {
            // What has come until now was not encrypted, whoever wrote it (CVE-2011-0411 in other servers). The client
            // has
            // to wait for the reply.
            awaitRound();
            LineCodec.forget(session);
            synchronized (waiting) {
                waiting.clear();
            }
            reply(before);
        }
    }

    boolean isSecure() {
        return tls != null;
    }

    boolean isDataProtected() {
        return protectedData;
    }

    void protectData(boolean protect) {
        protectedData = protect;
    }

    // Login

    void logIn(Account who, Share what) throws IOException {
        account = who;
        share = what;
        files = what.fileSystem(SharePath.ROOT, who.readOnly());
        directory = who.home();
        refusedLogins = 0;
        BaseUser known = new BaseUser();
        known.setName(who.name());
        session.setUser(known);
        session.getConfig().setIdleTime(IdleStatus.BOTH_IDLE, (int)
                Math.min(engine.settings().idleTimeout().toSeconds(), Integer.MAX_VALUE));
    }

    void logOut() {
        session.reinitialize();
        account = null;
        user = null;
        share = null;
        files = null;
        directory = SharePath.ROOT;
        offset = 0;
        renameFrom = null;
        facts = EnumSet.allOf(Fact.class);
        forgetDataSource();
    }

    boolean isLoggedIn() {
        return account != null;
    }

    boolean mayWrite() {
        return account != null && !account.readOnly() && share != null && !share.readOnly();
    }

    Share share() {
        if (share == null) {
            throw new IllegalStateException("Nobody has logged in");
        }
        return share;
    }

    ShareFileSystem files() {
        if (files == null) {
            throw new IllegalStateException("Nobody has logged in");
        }
        return files;
    }

    // Paths

    SharePath directory() {
        return directory;
    }

    void enter(SharePath other) {
        directory = other;
    }

    /** What the client means by a path. */
    SharePath resolve(@Nullable String argument) {
        return resolve(directory, argument);
    }

    private static SharePath resolve(SharePath from, @Nullable String argument) {
        if (argument == null || argument.isEmpty()) {
            return from;
        }
        SharePath path = argument.startsWith("/") ? SharePath.ROOT : from;
        for (String name : argument.split("/")) {
            if (name.equals("..")) {
                path = path.parent();
            } else if (!name.isEmpty() && !name.equals(".")) {
                path = path.resolve(name);
            }
        }
        return path;
    }

    Path path(SharePath path) {
        return files().getPath(path.toString());
    }

    /** Where the transfer that begins now is to start; the next one starts at 0 again. */
    long takeOffset() {
        long taken = offset;
        offset = 0;
        resumed = false;
        return taken;
    }

    // Data connections

    void setDataSource(DataSource next) {
        forgetDataSource();
        synchronized (waiting) {
            source = next;
        }
        if (closed) {
            forgetDataSource();
        }
    }

    void forgetDataSource() {
        DataSource old;
        synchronized (waiting) {
            old = source;
            source = null;
        }
        if (old != null) {
            old.close();
        }
    }

    /** What the last {@code PASV} or {@code PORT} has prepared; good for one transfer. */
    @Nullable
    DataSource takeDataSource() {
        synchronized (waiting) {
            DataSource taken = source;
            source = null;
            return taken;
        }
    }

    /** The engine for a data connection, which can resume the session of this one; {@code null} for none. */
    @Nullable
    SSLContext dataTls() {
        return protectedData ? tls : null;
    }

    void begin(Transfer next) {
        transfer = next;
        if (closed) {
            next.abort("the client has gone");
        }
    }

    void end() {
        transfer = null;
    }

    /** Waits until what has arrived by now has been taken down. */
    private void awaitRound() {
        try {
            engine.processor().awaitRound();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Whether the client is still there, as far as anybody can know by now. Linux closes the sockets of a process that dies
     * the last one first, so that its data connection ends as after a complete upload, and this connection a moment later:
     * that moment is waited for, a fiftieth of the time that the transfer took, or as long as nothing had come any more: who has
     * sent all says so at once, while one that dies may have been about something else.
     *
     * @param upload from which all has come
     * @param began when the transfer did, by {@link System#nanoTime}
     */
    boolean isThere(DataStream upload, long began) throws IOException {
        long graceNanos = Math.max((System.nanoTime() - began) / 50, upload.stoodStillNanos());
        long grace = Math.min(TimeUnit.NANOSECONDS.toMillis(graceNanos), LONGEST_GRACE_MILLIS);
        SocketChannel control = ControlProcessor.channel(session);
        try {
            // What MINA closes while it is waited for does not become readable.
            if (!upload.isReadable(control, grace) && control.isOpen()) {
                return true;
            }
        } catch (ClosedChannelException e) {
            return false;
        }
        // It has said something, or its end has come.
        awaitRound();
        return !closed
                && session.isConnected()
                && !session.isClosing()
                && !session.getCloseFuture().awaitUninterruptibly(grace);
    }
}
