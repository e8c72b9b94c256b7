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
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.apache.mina.core.future.DefaultWriteFuture;
import org.apache.mina.core.future.WriteFuture;
import org.apache.mina.core.session.IdleStatus;
import org.apache.mina.core.session.IoSession;
import org.apache.mina.core.write.DefaultWriteRequest;
import org.jspecify.annotations.Nullable;

/**
 * The session of one client. Its commands are carried out one after the other by the owner of its {@link CommandQueue}, on a
 * thread that is there only as long as there is a command. MINA's thread adds commands to the queue, and acts itself on those
 * that must not wait for a transfer.
 *
 * <p>A field whose comment says nothing else is touched by the owner alone.
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
    private final IoSession session;
    private final InetAddress peer;
    private final InetAddress local;
    private final CountDownLatch gone = new CountDownLatch(1);
    private final CommandQueue<Request> commands;

    /** Set by the owner; any thread aborts it or asks how far it is. */
    private volatile @Nullable Transfer transfer;

    /** Set and taken by the owner; MINA's thread takes it when the client has gone. */
    private final AtomicReference<@Nullable DataSource> source = new AtomicReference<>();

    private int status;
    private long moved;
    private int beforeLogin;
    private @Nullable SSLContext tls;
    private boolean protectedData;
    private @Nullable Account account;
    private @Nullable Share share;
    private @Nullable ShareFileSystem files;
    private SharePath directory = SharePath.ROOT;

    /** The name of the last {@code USER}, until {@code PASS}. */
    @Nullable
    String user;

    int refusedLogins;

    /** Where the next transfer starts, in bytes from the beginning of the file. */
    long offset;

    @Nullable
    SharePath renameFrom;

    boolean extendedPassiveOnly;
    Set<Fact> facts = EnumSet.allOf(Fact.class);
    String hash = HashCommands.DEFAULT;

    /** Makes the session; MINA's thread does, before there is a command. */
    Conversation(FtpEngine engine, IoSession session) {
        this.engine = engine;
        this.session = session;
        commands = new CommandQueue<>(this::execute, MOST_WAITING, this::carryOut);
        peer = Control.address(session.getRemoteAddress());
        local = Control.address(session.getLocalAddress());
        protectedData = engine.settings().tls() == FtpSettings.Tls.IMPLICIT;
        setIdleSeconds(SECONDS_BEFORE_LOGIN);
    }

    private void setIdleSeconds(int most) {
        session.getConfig().setIdleTime(IdleStatus.BOTH_IDLE, (int)
                Math.min(most, engine.settings().idleTimeout().toSeconds()));
    }

    // What MINA's thread calls

    void received(Request request) {
        Transfer moving = transfer;
        if (moving != null
                && request.command().equals("STAT")
                && request.argument() == null
                && !commands.isWaiting(any -> true)) {
            send(new Reply(213, moving.status()));
        } else if (!commands.add(request)) {
            dismiss("Too many commands at once.");
        } else if (isAbort(request)) {
            // It was added first: a transfer that begins just now finds it in the queue.
            abort("the client aborted it");
        }
    }

    private static boolean isAbort(Request request) {
        return request.command().equals("ABOR");
    }

    void idle() {
        commands.closeIfIdle(() -> farewell(421, "Idle for too long; closing."));
    }

    /** Dismisses the client if it has sent no command for a while. */
    void dismissIfIdle() {
        if (System.currentTimeMillis() - session.getLastIoTime() > IDLE_MILLIS) {
            commands.closeIfIdle(() -> farewell(421, "The server is being replaced; please connect again."));
        }
    }

    void closed() {
        commands.close(() -> {});
        abort("the client has gone");
        forgetDataSource();
        gone.countDown();
    }

    // What any thread calls

    /** Aborts a transfer, and closes the session with 421 when the command that is being carried out is done. */
    void dismiss(String reason) {
        leave(421, reason);
        abort("the server closes the session");
    }

    /** Closes the session with a reply; commands that wait are forgotten. */
    void leave(int code, String text) {
        commands.close(() -> farewell(code, text));
    }

    private void farewell(int code, String text) {
        reply(code, text);
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

    private void send(Reply reply) {
        session.write(reply);
    }

    InetAddress peer() {
        return peer;
    }

    InetAddress local() {
        return local;
    }

    IoSession session() {
        return session;
    }

    FtpEngine engine() {
        return engine;
    }

    private void execute(Runnable task) {
        try {
            engine.threads().execute(task);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // Nobody can carry out a command of this session any more.
            LOG.log(Level.DEBUG, "The server is closed, or has no thread", e);
            session.closeNow();
        }
    }

    // Called by the owner alone

    void reply(int code, String text) {
        reply(new Reply(code, text));
    }

    void reply(int code, List<String> lines) {
        reply(new Reply(code, lines));
    }

    void reply(Reply reply) {
        status = reply.code();
        send(reply);
    }

    /** User and address, for the log. */
    @Override
    public String toString() {
        Account who = account;
        return who == null ? peer.getHostAddress() : ClientText.of(who.name()) + "@" + peer.getHostAddress();
    }

    private @Nullable CompletionStage<Runnable> carryOut(Request request) {
        if (account == null && ++beforeLogin > MOST_BEFORE_LOGIN) {
            dismiss("Too many commands before a login.");
            return null;
        }
        Account who = account;
        SharePath from = directory;
        long start = System.nanoTime();
        moved = 0;
        CompletionStage<Runnable> rest = null;
        try {
            rest = engine.commands().carryOut(this, request);
        } catch (IOException | RuntimeException | Error e) {
            failed(request, e);
        }
        if (engine.traffic().isLogged() && Commands.LOGGED.contains(request.command())) {
            log(request, who, from, Duration.ofNanos(System.nanoTime() - start));
        }
        return rest == null
                ? null
                : rest.handle((then, error) -> () -> {
                    try {
                        if (error != null) {
                            failed(request, error);
                        } else {
                            then.run();
                        }
                    } catch (RuntimeException | Error e) {
                        failed(request, e);
                    }
                });
    }

    private void failed(Request request, Throwable e) {
        if (e instanceof InvalidPathException) {
            reply(553, "No file can have such a name.");
        } else if (e instanceof IOException io) {
            Problem problem = Problem.of(io);
            if (problem.log() != null) {
                LOG.log(
                        Level.WARNING,
                        "{0}: {1} of {2} failed: {3}",
                        engine.name(),
                        ClientText.of(request.command()),
                        this,
                        ClientText.sentence(problem.log()));
            }
            reply(problem.code(), problem.text());
        } else {
            DEFECTS.log(
                    Level.ERROR,
                    peer,
                    () -> engine.name() + ": " + ClientText.of(request.command()) + " of " + this + " failed: "
                            + ClientText.sentence(e));
            LOG.log(Level.DEBUG, "Where it happened", ClientText.trace(e));
            reply(451, "The server has a problem with this command.");
        }
    }

    private void log(Request request, @Nullable Account who, SharePath from, Duration duration) {
        String path = String.valueOf(request.argument());
        try {
            path = resolve(from, TransferCommands.withoutOptions(request.argument()))
                    .toString();
        } catch (InvalidPathException e) {
            LOG.log(Level.TRACE, "It is logged as it was given", ClientText.trace(e));
        }
        engine.traffic()
                .log(
                        session.getRemoteAddress(),
                        who == null ? null : who.name(),
                        request.command(),
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

    /** Encrypts the connection from its first byte; MINA's thread calls this, before there is a command. */
    void secure(SSLContext context) {
        tls = context;
        ControlProcessor.queue(session);
        session.getFilterChain().addFirst("tls", Control.tls(context));
    }

    /**
     * Encrypts the connection from the end of a reply on. What came before that was not encrypted, and anybody may have
     * written it (CVE-2011-0411 in other servers): it is forgotten. MINA's thread, which alone reads, does both as soon as
     * it has sent the reply.
     *
     * @return completes when that is done
     */
    CompletionStage<Runnable> secure(SSLContext context, Reply reply) {
        tls = context;
        CompletableFuture<Runnable> done = new CompletableFuture<>();
        ControlProcessor.queue(session);
        // The future has its listener before anything is written, so that MINA's thread calls it.
        WriteFuture sent = new DefaultWriteFuture(session);
        sent.addListener(future -> {
            LineCodec.forget(session);
            commands.forget();
            session.getFilterChain().addFirst("tls", Control.tls(context));
            done.complete(() -> {});
        });
        session.getFilterChain().fireFilterWrite(new DefaultWriteRequest(reply, sent));
        return done;
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
        beforeLogin = 0;
        setIdleSeconds(Integer.MAX_VALUE);
    }

    /** Forgets the login and everything that the client has set since it connected (RFC 959 section 4.1.1, REIN). */
    void logOut() {
        account = null;
        user = null;
        share = null;
        files = null;
        directory = SharePath.ROOT;
        offset = 0;
        renameFrom = null;
        extendedPassiveOnly = false;
        facts = EnumSet.allOf(Fact.class);
        hash = HashCommands.DEFAULT;
        forgetDataSource();
        setIdleSeconds(SECONDS_BEFORE_LOGIN);
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

    /** Where the transfer that begins now starts; the next one starts at 0 again. */
    long takeOffset() {
        long taken = offset;
        offset = 0;
        return taken;
    }

    // Data connections

    void setDataSource(DataSource next) {
        replaceDataSource(next);
        if (commands.isClosed()) {
            forgetDataSource();
        }
    }

    /** Any thread may call this. */
    void forgetDataSource() {
        replaceDataSource(null);
    }

    private void replaceDataSource(@Nullable DataSource next) {
        DataSource old = source.getAndSet(next);
        if (old != null) {
            old.close();
        }
    }

    /** What the last {@code PASV} or {@code PORT} has prepared; good for one transfer. */
    @Nullable
    DataSource takeDataSource() {
        return source.getAndSet(null);
    }

    /** The engine for a data connection, which can resume the session of this one; {@code null} for none. */
    @Nullable
    SSLContext dataTls() {
        return protectedData ? tls : null;
    }

    void begin(Transfer next) {
        transfer = next;
        // Those who close the session or add an ABOR look at the transfer afterwards: one of the two sees the other.
        if (commands.isClosed()) {
            next.abort("the session ends");
        } else if (commands.isWaiting(Conversation::isAbort)) {
            next.abort("the client aborted it");
        }
    }

    void end() {
        transfer = null;
    }

    /** Waits until MINA's thread has read what had arrived by now. */
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
        return !commands.isClosed()
                && session.isConnected()
                && !session.isClosing()
                && !session.getCloseFuture().awaitUninterruptibly(grace);
    }
}
