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
    private static final ClientLog DEFECTS = new ClientLog(LOG);

    private final FtpSession session;

    CommandRunner(FtpSession session) {
        this.session = session;
    }

    /** Implements {@link CommandQueue.Carrier}. */
    @Nullable
    CompletionStage<Runnable> carryOut(Request request) {
        if (session.isTalkative()) {
            session.dismiss("Too many commands before a login.");
            return null;
        }
        Login login = session.state().login;
        SharePath from = login == null ? SharePath.ROOT : login.directory();
        long start = System.nanoTime();
        session.transfers().takeMoved();
        session.state().named = null;
        CompletionStage<Runnable> rest = null;
        try {
            rest = session.commands().execute(session, request);
        } catch (IOException | RuntimeException | Error e) {
            failed(request, e);
        }
        if (session.server().metrics().isLogged() && session.commands().isLogged(request.command())) {
            log(request, login, from, Duration.ofNanos(System.nanoTime() - start));
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
        String name = session.server().name();
        if (e instanceof InvalidPathException) {
            session.reply(553, "File name not allowed.");
        } else if (e instanceof IOException io) {
            Problem problem = Problem.of(io);
            if (problem.log() != null) {
                LOG.log(
                        Level.WARNING,
                        "{0}: {1} of {2} failed: {3}",
                        name,
                        ClientText.of(request.command()),
                        session,
                        ClientText.sentence(problem.log()));
            }
            session.reply(problem.code(), problem.text());
        } else {
            DEFECTS.log(
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
        SharePath named = session.state().named;
        try {
            path = (named == null ? Login.resolve(from, request.argument()) : named).toString();
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
                        session.transfers().takeMoved(),
                        duration);
    }
}
