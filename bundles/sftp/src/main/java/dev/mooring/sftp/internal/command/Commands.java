package dev.mooring.sftp.internal.command;

import dev.mooring.accounts.Account;
import dev.mooring.sftp.internal.files.ClientPath;
import dev.mooring.sftp.internal.session.Accounting;
import dev.mooring.sftp.internal.session.SessionLog;
import dev.mooring.sftp.internal.session.SshSession;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.apache.sshd.common.util.threads.CloseableExecutorService;
import org.apache.sshd.common.util.threads.NoCloseExecutor;
import org.apache.sshd.scp.common.ScpFileOpener;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.command.CommandFactory;

/** Makes the commands: scp and those that hash a file. There is no shell, so nothing is expanded. */
public final class Commands implements CommandFactory {

    private static final int BUFFER_SIZE = 32 * 1024;

    private final SessionLog log;
    private final CommandThreads threads;
    private final Accounting accounting;
    private final ScpFileOpener files;

    public Commands(String name, SessionLog log, Accounting accounting, boolean uploadsInPlace) {
        this.log = log;
        this.threads = new CommandThreads(name);
        this.accounting = accounting;
        this.files = new ScpFiles(log, uploadsInPlace);
    }

    @Override
    public Command createCommand(ChannelSession channel, String line) throws IOException {
        String account = channel.getServerSession().getUsername();
        String refusal = threads.refusal(account);
        if (refusal != null) {
            log.tooManyCommands(channel.getServerSession(), refusal);
            throw new IOException(refusal); // sending the client the reason would take a thread
        }
        CloseableExecutorService executor = new NoCloseExecutor(threads.of(account));
        List<String> words;
        if (!ScpFiles.isUtf8(line)) {
            return new RefusedCommand("scp", "a name in this command is not UTF-8", executor);
        }
        try {
            words = ShellWords.of(line);
        } catch (IllegalArgumentException e) {
            return new RefusedCommand(line, e.getMessage(), executor);
        }
        String program = words.isEmpty() ? "" : words.get(0);
        if (program.equals("scp")) {
            return scp(channel, words, executor);
        }
        return HashCommand.algorithm(program)
                .<Command>map(algorithm -> new HashCommand(algorithm, words, home(channel), executor, accounting))
                .orElseGet(() -> new RefusedCommand(
                        program,
                        "command not found; this server only has SFTP, scp, and md5sum and similar commands",
                        executor));
    }

    /** Stops the commands and their threads. */
    public void close() {
        threads.close();
    }

    private static String home(ChannelSession channel) {
        Account account = channel.getServerSession().getAttribute(SshSession.ACCOUNT);
        return account == null ? "/" : account.home().toString();
    }

    /** SSHD reads options up to the first word without a dash, and takes the rest of the line, without quotes, as the path. */
    private Command scp(ChannelSession channel, List<String> words, CloseableExecutorService executor) {
        StringBuilder options = new StringBuilder("scp");
        int first = 1;
        while (first < words.size() && words.get(first).startsWith("-")) {
            String option = words.get(first++);
            if (option.equals("--")) {
                break;
            }
            options.append(' ').append(option);
        }
        if (first != words.size() - 1) {
            return new RefusedCommand("scp", "there must be one path, in quotes if it contains blanks", executor);
        }
        String path = words.get(first);
        String absolute;
        try {
            absolute =
                    ClientPath.expand(home(channel), channel.getServerSession().getUsername(), path);
        } catch (NoSuchFileException e) {
            return new RefusedCommand("scp", e.getFile() + ": " + e.getReason(), executor);
        }
        return new Scp(channel, options + " '" + absolute + "'", executor, BUFFER_SIZE, files, accounting);
    }
}
