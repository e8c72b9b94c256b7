package dev.mooring.sftp.internal.engine;

import dev.mooring.sftp.internal.channel.ReplyStream;
import dev.mooring.sftp.internal.channel.SftpChannel;
import dev.mooring.sftp.internal.command.HashCommand;
import dev.mooring.sftp.internal.command.RefusedCommand;
import dev.mooring.sftp.internal.command.Scp;
import dev.mooring.sftp.internal.session.SessionChannel;
import dev.mooring.sftp.internal.session.SshSession;
import dev.mooring.sftp.internal.transport.Acceptor;
import dev.mooring.sftp.internal.transport.AcceptorFactory;
import dev.mooring.sftp.internal.transport.SocketSession;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** The loggers of SSHD. They are off by default: SSHD logs what clients do, and {@code SessionLog} logs the part that matters. */
final class SshdLoggers {

    /** Held here: java.util.logging forgets a logger without strong references, and its level. */
    static final Logger SSHD = Logger.getLogger("org.apache.sshd");

    /** SSHD's classes log by the name of the subclass. */
    private static final List<Logger> SUBCLASSES = Stream.of(
                    SshSession.class,
                    SftpChannel.class,
                    ReplyStream.class,
                    SessionChannel.class,
                    Acceptor.class,
                    SocketSession.class,
                    AcceptorFactory.class,
                    HashCommand.class,
                    RefusedCommand.class,
                    Scp.class)
            .map(type -> Logger.getLogger(type.getName()))
            .toList();

    private SshdLoggers() {}

    /** Turns the loggers off, unless the operator has set a level for SSHD. */
    static void silence() {
        if (SSHD.getLevel() == null) {
            SSHD.setLevel(Level.OFF);
        }
        SUBCLASSES.forEach(logger -> logger.setLevel(SSHD.getLevel()));
    }

    static List<String> names() {
        return Stream.concat(Stream.of(SSHD), SUBCLASSES.stream())
                .map(Logger::getName)
                .toList();
    }
}
