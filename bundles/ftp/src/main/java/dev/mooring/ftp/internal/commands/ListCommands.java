package dev.mooring.ftp.internal.commands;

import dev.mooring.common.ClientText;
import dev.mooring.ftp.internal.control.LongReply;
import dev.mooring.ftp.internal.control.Reply;
import dev.mooring.ftp.internal.data.DataStream;
import dev.mooring.ftp.internal.files.Fact;
import dev.mooring.ftp.internal.files.ListTarget;
import dev.mooring.ftp.internal.files.ListedFile;
import dev.mooring.ftp.internal.session.FtpSession;
import dev.mooring.ftp.internal.session.Transfer;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Listings over a data connection, and for {@code STAT} in a reply. A directory is never in memory as a whole. */
final class ListCommands {

    private static final Logger LOG = System.getLogger(ListCommands.class.getName());
    private static final Transfer.Texts TEXTS = new Transfer.Texts("Opening ASCII mode data connection for file list.");

    void list(FtpSession client, @Nullable String argument) throws IOException {
        Instant now = Instant.now();
        boolean writable = client.login().mayWrite();
        listing(client, "LIST", target(client, argument), false, listed -> listed.line(now, writable));
    }

    void nlst(FtpSession client, @Nullable String argument) throws IOException {
        ListTarget target = target(client, argument);
        String prefix =
                target.prefix(client.login().share().entry(target.base()).isDirectory());
        listing(client, "NLST", target, false, listed -> Reply.oneLine(prefix + listed.name()));
    }

    /** MLSD has neither options nor patterns (RFC 3659 section 7.2). */
    void mlsd(FtpSession client, @Nullable String argument) throws IOException {
        SharePath path = client.login().resolve(argument);
        if (!client.login().share().entry(path).isDirectory()) {
            client.reply(501, path + ": Not a directory.");
            return;
        }
        boolean writable = client.login().mayWrite();
        Set<Fact> facts = client.state().facts;
        listing(
                client,
                "MLSD",
                new ListTarget("", path, null),
                true,
                listed -> listed.name().isEmpty()
                        ? listed.as(".").facts(facts, writable, "cdir")
                        : listed.facts(facts, writable, null));
    }

    private static ListTarget target(FtpSession client, @Nullable String argument) throws IOException {
        ListTarget target = ListTarget.of(client.login(), argument);
        client.state().loggedPath = target.path();
        return target;
    }

    private static void listing(
            FtpSession client, String command, ListTarget target, boolean withSelf, Function<ListedFile, String> format)
            throws IOException {
        if (TransferCommands.refuseUnprotected(client)) {
            return;
        }
        String operation = command + " " + target.path();
        Path base = client.login().path(target.base());
        ListedFile listed = ListedFile.of(target.base().name(), base);
        if (target.pattern() == null && !listed.isDirectory()) {
            Transfer.run(
                    client,
                    operation,
                    TEXTS,
                    stream -> {
                        Lines lines = new Lines(stream, format);
                        lines.add(listed);
                        lines.flush();
                    },
                    TransferCommands.FINISH);
            return;
        }
        try (DirectoryStream<Path> directory = Files.newDirectoryStream(base)) {
            Transfer.run(
                    client,
                    operation,
                    TEXTS,
                    stream -> {
                        Lines lines = new Lines(stream, format);
                        if (withSelf) {
                            lines.add(listed.as(""));
                        }
                        for (Path each : directory) {
                            // If the pattern matches no name, nothing is sent and nothing else would notice an abort.
                            stream.checkAborted();
                            lines.add(target.includes(each) ? ListedFile.in(each) : null);
                        }
                        lines.flush();
                    },
                    TransferCommands.FINISH);
        }
    }

    /** Collects lines, to send many at once. */
    private static final class Lines {
        private static final int SIZE = 32768;
        private final DataStream stream;
        private final Function<ListedFile, String> format;
        private final StringBuilder text = new StringBuilder();

        Lines(DataStream stream, Function<ListedFile, String> format) {
            this.stream = stream;
            this.format = format;
        }

        void add(@Nullable ListedFile listed) throws IOException {
            if (listed == null) {
                return;
            }
            text.append(format.apply(listed)).append("\r\n");
            if (text.length() > SIZE) {
                flush();
            }
        }

        void flush() throws IOException {
            stream.write(StandardCharsets.UTF_8.encode(text.toString()));
            text.setLength(0);
        }
    }

    void stat(FtpSession client, @Nullable String argument) throws IOException {
        if (argument == null) {
            client.reply(
                    211,
                    List.of(
                            "Status:",
                            " Logged in as " + client + ", the current directory is "
                                    + client.login().directory(),
                            client.tls().isActive()
                                    ? " The control connection is encrypted, data connections are "
                                            + (client.tls().isDataProtected() ? "too" : "not")
                                    : " The control connection is not encrypted",
                            "End."));
            return;
        }
        ListTarget target = target(client, argument);
        Path base = client.login().path(target.base());
        ListedFile listed = ListedFile.of(target.base().name(), base);
        Instant now = Instant.now();
        boolean writable = client.login().mayWrite();
        String first = "Status of " + target.path() + ":";
        if (target.pattern() == null && !listed.isDirectory()) {
            client.reply(213, List.of(first, ' ' + listed.line(now, writable), "End."));
            return;
        }
        try (DirectoryStream<Path> directory = Files.newDirectoryStream(base)) {
            LongReply reply = client.startLongReply(213, first);
            reply.end(addAll(directory, target, reply, now, client));
        }
    }

    /** Returns the last line. Reports errors there, because the earlier lines have been sent. */
    private static String addAll(
            DirectoryStream<Path> directory, ListTarget target, LongReply reply, Instant now, FtpSession client) {
        try {
            for (Path each : directory) {
                if (client.isDisconnected()) {
                    return "Incomplete: the client has gone.";
                }
                ListedFile listed = target.includes(each) ? ListedFile.in(each) : null;
                if (listed != null) {
                    reply.add(listed.line(now, client.login().mayWrite()));
                }
            }
            return "End.";
        } catch (IOException | DirectoryIteratorException e) {
            LOG.log(
                    Level.WARNING,
                    "{0}: STAT of {1} failed: {2}",
                    client.server().name(),
                    client,
                    ClientText.sentence(e));
            return "Incomplete: the directory could not be read completely.";
        }
    }
}
