package dev.mooring.sftp.internal;

import java.io.IOException;
import java.util.List;
import org.apache.sshd.common.util.threads.CloseableExecutorService;
import org.apache.sshd.scp.server.ScpCommand;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.command.CommandFactory;

/** The commands that there are: scp, and those that hash. There is no shell to run them: nothing is expanded. */
final class Commands implements CommandFactory {

    private static final int BUFFER = 32 * 1024;

    private final CloseableExecutorService workers;

    Commands(CloseableExecutorService workers) {
        this.workers = workers;
    }

    @Override
    public Command createCommand(ChannelSession channel, String line) throws IOException {
        List<String> words;
        try {
            words = Words.of(line);
        } catch (IllegalArgumentException e) {
            return new RefusedCommand(line, e.getMessage(), workers);
        }
        String program = words.isEmpty() ? "" : words.get(0);
        if (program.equals("scp")) {
            return new ScpCommand(channel, ScpLine.of(words), workers, BUFFER, BUFFER, null, null);
        }
        return HashCommand.algorithm(program)
                .<Command>map(algorithm -> new HashCommand(algorithm, words, workers))
                .orElseGet(() -> new RefusedCommand(
                        line, "not available; this server has SFTP, scp, and md5sum and its like", workers));
    }
}
