package dev.mooring.ftp.internal.session;

import dev.mooring.common.ClientLog;
import dev.mooring.common.ClientText;
import dev.mooring.ftp.internal.control.Request;
import dev.mooring.ftp.internal.files.Login;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.InvalidPathException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Carries out the commands of one session, replies to errors, and writes the access log. Only the owner of the session uses it. */
final class CommandRunner {

    private static final Logger LOG = System.getLogger(CommandRunner.class.getName());
    private static final ClientLog INTERNAL_ERRORS = new ClientLog(LOG);

    private final FtpSession session;

    CommandRunner(FtpSession session) {
        this.session = session;
    }

    /** Implements {@link CommandQueue.Handler}. */
    @Nullable
    CompletionStage<Runnable> handle(Request request) {
        String refusal = session.loginRefusalReason();
        if (refusal != null) {
            session.dismiss(refusal);
            return null;
        }
        Login login = session.state().login;
        SharePath from = login == null ? SharePath.ROOT : login.directory();
        long start = System.nanoTime();
        session.transfers().takeTransferred();
        session.state().loggedPath = null;
        CompletionStage<Runnable> continuation = null;
        try {
            continuation = session.commands().execute(session, request);
        } catch (IOException | RuntimeException | Error e) {
            replyError(request, e);
        }
        if (session.server().metrics().isLogged() && session.commands().isLogged(request.command())) {
            log(request, login, from, Duration.ofNanos(System.nanoTime() - start));
        }
        return continuation == null
                ? null
                : continuation.handle((then, error) -> () -> {
                    try {
                        if (error != null) {
                            replyError(request, error);
                        } else {
                            then.run();
                        }
                    } catch (RuntimeException | Error e) {
                        replyError(request, e);
                    }
                });
    }

    private void replyError(Request request, Throwable e) {
        String name = session.server().name();
        if (e instanceof InvalidPathException) {
            session.reply(553, "File name not allowed.");
        } else if (e instanceof IOException io) {
            ErrorReply reply = ErrorReply.of(io);
            if (reply.log() != null) {
                LOG.log(
                        Level.WARNING,
                        "{0}: {1} of {2} failed: {3}",
                        name,
                        ClientText.of(request.command()),
                        session,
                        ClientText.sentence(reply.log()));
            }
            session.reply(reply.code(), reply.text());
        } else {
            INTERNAL_ERRORS.log(
                    Level.ERROR,
                    session.peer(),
                    () -> name + ": " + ClientText.of(request.command()) + " of " + session + " failed: "
                            + ClientText.sentence(e));
            LOG.log(Level.DEBUG, "The stack trace of this error", ClientText.trace(e));
            session.reply(451, "Internal error; the server's log has the details.");
        }
    }

    private void log(Request request, @Nullable Login login, SharePath from, Duration duration) {
        String path = String.valueOf(request.argument());
        SharePath loggedPath = session.state().loggedPath;
        try {
            path = (loggedPath == null ? Login.resolve(from, request.argument()) : loggedPath).toString();
        } catch (InvalidPathException e) {
            LOG.log(Level.TRACE, "The access log has the argument as it was sent", ClientText.trace(e));
        }
        session.server()
                .metrics()
                .log(
                        session.remote(),
                        login == null ? null : login.account().name(),
                        request.command(),
                        ClientText.encode(path),
                        "FTP",
                        session.status(),
                        session.transfers().takeTransferred(),
                        duration);
    }
}
