package dev.mooring.protocol.internal.rehearsal;

import dev.mooring.accounts.Account;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.Rehearsal;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The share, the account and the socket of a rehearsal. Files and socket are in a directory that only this user can enter, and the password is random,
 * so nobody else can use them.
 */
public final class RehearsalStage implements Rehearsal, Accounts, Closeable {

    private static final Logger LOG = System.getLogger(RehearsalStage.class.getName());
    private static final String USER = "rehearsal";
    private static final int FILES = 20;
    private static final int PASSWORD_BYTES = 16;
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long deadline;
    private final int rest;

    /** The end of the latest pause, by {@link System#nanoTime}. Only the thread of the rehearsal uses it. */
    private long resumed = System.nanoTime();

    private final String password;
    private final Path directory;
    private final OwnedShare share;
    private final RehearsalSocket socket;

    /** The latest connection. Guarded by this, as is the field below. */
    private @Nullable SocketChannel channel;

    private boolean over;

    /**
     * Makes the files and the address of the socket.
     *
     * @param patience the time after which the rehearsal should end; after twice this time a connection that still waits for an answer is closed
     * @param rest how many times as long as each step a pause lasts
     * @throws IOException if this process cannot write temporary files
     */
    public RehearsalStage(Duration patience, int rest) throws IOException {
        deadline = System.nanoTime() + patience.toNanos();
        this.rest = rest;
        byte[] secret = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(secret);
        password = HexFormat.of().formatHex(secret);
        directory = Files.createTempDirectory(
                "mooring-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path files = directory.resolve("files");
        share = Shares.open(USER, files.toUri().toString(), false, List.of());
        socket = new RehearsalSocket(UnixDomainSocketAddress.of(directory.resolve("socket")));
        try {
            Files.createDirectory(files);
            write(files.resolve(SMALL), SMALL_SIZE);
            write(files.resolve(LARGE), LARGE_SIZE);
            for (int i = 0; i < FILES; i++) {
                Files.writeString(files.resolve("file " + i + ".txt"), "hello\n");
            }
        } catch (IOException e) {
            close();
            throw e;
        }
        CompletableFuture.delayedExecutor(2 * patience.toMillis(), TimeUnit.MILLISECONDS)
                .execute(this::end);
    }

    private static void write(Path file, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Files.write(file, content);
    }

    /** The tree that is served. */
    public Share share() {
        return share;
    }

    /** The listening socket of the server. */
    public NamedSocket socket() {
        return socket;
    }

    @Override
    public SocketChannel connect() throws IOException {
        SocketChannel connected = SocketChannel.open(socket.localAddress());
        synchronized (this) {
            channel = connected;
            if (over) {
                end();
            }
        }
        return connected;
    }

    private synchronized void end() {
        over = true;
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing failed, but the descriptor is free", e);
        }
    }

    @Override
    public ByteChannel secure(ByteChannel channel) throws IOException {
        try {
            return new TlsClient(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public String user() {
        return USER;
    }

    @Override
    public String password() {
        return password;
    }

    @Override
    public boolean goesOn() {
        LockSupport.parkNanos(Math.min(rest * (System.nanoTime() - resumed), LONGEST_PAUSE_NANOS));
        resumed = System.nanoTime();
        return System.nanoTime() < deadline && !Thread.currentThread().isInterrupted();
    }

    @Override
    public CompletionStage<Verdict> authenticate(String user, char[] given, Peer peer) {
        boolean right = USER.equals(user)
                && MessageDigest.isEqual(
                        password.getBytes(StandardCharsets.UTF_8), new String(given).getBytes(StandardCharsets.UTF_8));
        return CompletableFuture.completedFuture(
                right ? new Verdict.Accepted(new Account(USER, null, SharePath.ROOT, false)) : new Verdict.Refused());
    }

    @Override
    public @Nullable Account authorize(String user, byte[] key, Peer peer) {
        return null;
    }

    /** Removes everything. The server must have ended. */
    @Override
    public void close() {
        end();
        try {
            share.close();
            List<Path> all;
            try (var found = Files.walk(directory)) {
                all = found.toList();
            }
            for (int i = all.size() - 1; i >= 0; i--) {
                Files.delete(all.get(i));
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} cannot be removed: {1}; remove it", directory, e);
        }
    }
}
