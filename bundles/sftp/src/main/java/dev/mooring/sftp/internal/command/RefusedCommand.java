package dev.mooring.sftp.internal.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.sshd.common.util.threads.CloseableExecutorService;
import org.apache.sshd.server.command.AbstractCommandSupport;

/** Reports on standard error why a command is refused, and ends with the status of a shell that does not find a command. */
public final class RefusedCommand extends AbstractCommandSupport {

    private static final int NOT_FOUND = 127;

    private final String reason;

    RefusedCommand(String command, String reason, CloseableExecutorService executor) {
        super(command, executor);
        this.reason = reason;
    }

    @Override
    public void run() {
        try {
            getErrorStream().write((getCommand() + ": " + reason + "\n").getBytes(StandardCharsets.UTF_8));
            getErrorStream().flush();
        } catch (IOException disconnected) {
            // The client has disconnected.
        }
        onExit(NOT_FOUND);
    }
}
