package dev.mooring.sftp.internal.session;

import dev.mooring.accounts.Account;
import dev.mooring.common.ClientText;
import dev.mooring.protocol.ServerMetrics;
import dev.mooring.sftp.internal.transport.SocketSession;
import java.nio.file.CopyOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.scp.common.ScpTransferEventListener;
import org.apache.sshd.server.session.ServerSession;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpHelper;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.Handle;
import org.apache.sshd.sftp.server.SftpEventListener;
import org.jspecify.annotations.Nullable;

/** Counts requests and transfers, and writes the access log. An open file or directory is one transfer, from the opening to the end. */
public final class Accounting implements SessionListener, SftpEventListener, ScpTransferEventListener {

    private static final AttributeKey<HandleUse> HANDLE_USE = new AttributeKey<>();
    private static final AttributeKey<AtomicInteger> ACTIVE = new AttributeKey<>();
    private static final AttributeKey<Long> SCP_START = new AttributeKey<>();
    private static final String SFTP = "SFTP";
    private static final String SCP = "SCP";

    private final ServerMetrics metrics;

    public Accounting(ServerMetrics metrics) {
        this.metrics = metrics;
    }

    /** The use of a handle. The requests of a channel run one after the other. */
    private static final class HandleUse {
        final long start = System.nanoTime();
        String request = "OPEN";
        long bytes;
    }

    /** Whether the server is working for the client. */
    public static boolean isBusy(Session session) {
        AtomicInteger active = session.getAttribute(ACTIVE);
        return active != null && active.get() > 0;
    }

    /** Counts the start of a transfer or command. */
    public void started(Session session) {
        session.computeAttributeIfAbsent(ACTIVE, key -> new AtomicInteger()).incrementAndGet();
        metrics.begun();
    }

    /** Counts its end. */
    public void finished(Session session) {
        session.computeAttributeIfAbsent(ACTIVE, key -> new AtomicInteger()).decrementAndGet();
        metrics.ended();
    }

    /** Counts the start or the end of a request that takes long, because it may work without a handle. Metrics do not count it. */
    public static void working(Session session, int change) {
        session.computeAttributeIfAbsent(ACTIVE, key -> new AtomicInteger()).addAndGet(change);
    }

    @Override
    public void sessionEvent(Session session, Event event) {
        if (event == Event.Authenticated) {
            SocketSession.of(session).client().established();
        }
    }

    // SFTP

    @Override
    public void open(ServerSession session, String remote, Handle handle) {
        HandleUse use = new HandleUse();
        if (!(handle instanceof FileHandle)) {
            use.request = "READDIR";
        }
        handle.setAttribute(HANDLE_USE, use);
        started(session);
    }

    @Override
    public void openFailed(ServerSession session, String remote, Path file, boolean directory, Throwable failure) {
        log(session, directory ? "READDIR" : "OPEN", String.valueOf(file), SFTP, status(failure), 0, 0);
    }

    @Override
    public void read(
            ServerSession session,
            String remote,
            FileHandle handle,
            long offset,
            byte[] data,
            int start,
            int wanted,
            int count,
            @Nullable Throwable failure) {
        transferred(handle, "READ", count);
    }

    /** Counts bytes that a channel has read or written without SSHD. */
    public static void transferred(FileHandle handle, String request, int count) {
        HandleUse use = handle.getAttribute(HANDLE_USE);
        if (use != null) {
            use.request = request;
            use.bytes += Math.max(0, count);
        }
    }

    @Override
    public void closed(ServerSession session, String remote, Handle handle, @Nullable Throwable failure) {
        finished(session, handle, status(failure));
    }

    /** The channel ends and closes its handles. */
    @Override
    public void exiting(ServerSession session, Handle handle) {
        finished(session, handle, SftpConstants.SSH_FX_CONNECTION_LOST);
    }

    private void finished(ServerSession session, Handle handle, int status) {
        HandleUse use = handle.removeAttribute(HANDLE_USE);
        if (use != null) {
            finished(session);
            metrics.moved(use.bytes);
            log(session, use.request, handle.getFile().toString(), SFTP, status, use.bytes, use.start);
        }
    }

    @Override
    public void created(ServerSession session, Path path, Map<String, ?> attributes, @Nullable Throwable failure) {
        log(session, "MKDIR", path.toString(), SFTP, status(failure), 0, 0);
    }

    @Override
    public void moved(
            ServerSession session,
            Path source,
            Path target,
            Collection<CopyOption> options,
            @Nullable Throwable failure) {
        log(session, "RENAME", source + "->" + target, SFTP, status(failure), 0, 0);
    }

    @Override
    public void removed(ServerSession session, Path path, boolean directory, @Nullable Throwable failure) {
        log(session, directory ? "RMDIR" : "REMOVE", path.toString(), SFTP, status(failure), 0, 0);
    }

    @Override
    public void linked(ServerSession session, Path link, Path target, boolean symbolic, @Nullable Throwable failure) {
        log(session, symbolic ? "SYMLINK" : "LINK", link + "->" + target, SFTP, status(failure), 0, 0);
    }

    // scp

    @Override
    public void startFileEvent(
            Session session, FileOperation operation, Path file, long length, Set<PosixFilePermission> permissions) {
        session.setAttribute(SCP_START, System.nanoTime());
        started(session);
    }

    @Override
    public void endFileEvent(
            Session session,
            FileOperation operation,
            Path file,
            long length,
            Set<PosixFilePermission> permissions,
            @Nullable Throwable failure) {
        Long start = session.removeAttribute(SCP_START);
        long bytes = failure == null ? length : 0;
        finished(session);
        metrics.moved(bytes);
        log(
                (ServerSession) session,
                operation == FileOperation.SEND ? "READ" : "WRITE",
                file.toString(),
                SCP,
                status(failure),
                bytes,
                start == null ? 0 : start);
    }

    private static int status(@Nullable Throwable failure) {
        return failure == null ? SftpConstants.SSH_FX_OK : SftpHelper.resolveSubstatus(failure);
    }

    /** @param start as of {@link System#nanoTime()}; 0 for requests without a duration */
    private void log(
            ServerSession session, String request, String target, String protocol, int status, long bytes, long start) {
        if (metrics.isLogged()) {
            Account account = session.getAttribute(SshSession.ACCOUNT);
            metrics.log(
                    session.getClientAddress(),
                    account == null ? null : account.name(),
                    request,
                    ClientText.encode(target),
                    protocol,
                    status,
                    bytes,
                    start == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - start));
        }
    }
}
