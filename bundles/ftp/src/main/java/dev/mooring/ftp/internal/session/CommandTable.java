package dev.mooring.ftp.internal.session;

import dev.mooring.ftp.internal.control.Request;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The commands of a server, which all of its sessions share. */
public interface CommandTable {

    /** Whether the access log includes a command. */
    boolean isLogged(String command);

    /**
     * Executes a command of a session, and replies.
     *
     * @return {@code null} if it is done, else a stage that completes with the rest of it
     * @throws IOException if it fails without a reply
     */
    @Nullable
    CompletionStage<Runnable> execute(FtpSession session, Request request) throws IOException;
}
