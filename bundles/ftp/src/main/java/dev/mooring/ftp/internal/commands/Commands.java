package dev.mooring.ftp.internal.commands;

import dev.mooring.ftp.internal.control.Reply;
import dev.mooring.ftp.internal.control.Request;
import dev.mooring.ftp.internal.files.Fact;
import dev.mooring.ftp.internal.files.HashAlgorithm;
import dev.mooring.ftp.internal.session.CommandTable;
import dev.mooring.ftp.internal.session.FtpSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All FTP commands, and the conditions under which they are allowed. */
public final class Commands implements CommandTable {

    /** A command. Sends the reply. */
    @FunctionalInterface
    private interface Action {
        void run(FtpSession client, @Nullable String argument) throws IOException;
    }

    /** A command that may wait. Returns {@code null} if it is done, else a stage that completes with the rest of it. */
    @FunctionalInterface
    private interface AsyncAction {
        @Nullable
        CompletionStage<Runnable> run(FtpSession client, @Nullable String argument) throws IOException;
    }

    /** The commands in the access log: those that read, create, rename or delete files. */
    private static final Set<String> LOGGED = Set.of(
            "APPE", "DELE", "LIST", "MKD", "MLSD", "NLST", "RETR", "RMD", "RNFR", "RNTO", "STOR", "STOU", "XMKD",
            "XRMD");

    private static final Set<String> BEFORE_LOGIN = Set.of(
            "ABOR", "AUTH", "CLNT", "FEAT", "HELP", "NOOP", "OPTS", "PASS", "PBSZ", "PROT", "QUIT", "REIN", "SYST",
            "USER");

    /**
     * The commands that are allowed between {@code REST} and its transfer. RFC 3659 section 5.3 allows none, but clients prepare the data
     * connection or ask for the size there.
     */
    private static final Set<String> KEEP_OFFSET = Set.of(
            "ALLO", "EPRT", "EPSV", "MDTM", "MODE", "NOOP", "OPTS", "PASV", "PBSZ", "PORT", "PROT", "REST", "SIZE",
            "STAT", "STRU", "TYPE");

    private static final Pattern NAME = Pattern.compile("[A-Z0-9]{1,12}");

    private static final int HELP_LINE_LENGTH = 60;

    private final Map<String, AsyncAction> commands = new HashMap<>();

    /** Makes the table. The caller makes the commands that depend on the settings. */
    public Commands(LoginCommands login, DataCommands data) {
        add("USER", login::user);
        commands.put("PASS", login::pass);
        add("REIN", login::rein);
        add("QUIT", login::quit);
        commands.put("AUTH", login::auth);
        add("PBSZ", login::pbsz);
        add("PROT", login::prot);
        add("CCC", (client, argument) -> client.reply(533, "The control connection stays encrypted."));

        add("TYPE", SettingCommands::type);
        add("MODE", SettingCommands::mode);
        add("STRU", SettingCommands::stru);
        add("SYST", SettingCommands::syst);
        add("NOOP", (client, argument) -> client.reply(200, "NOOP command successful."));

        add("PASV", data::pasv);
        add("EPSV", data::epsv);
        add("PORT", data::port);
        add("EPRT", data::eprt);

        FileCommands files = new FileCommands();
        add("PWD", files::pwd);
        add("CWD", files::cwd);
        add("CDUP", (client, none) -> files.cwd(client, ".."));
        add("MKD", files::mkd);
        add("RMD", files::rmd);
        add("DELE", files::dele);
        add("RNFR", files::rnfr);
        add("RNTO", files::rnto);
        add("SIZE", files::size);
        add("MDTM", files::mdtm);
        add("MFMT", files::mfmt);
        add("MLST", files::mlst);
        add("SITE", new SiteCommands()::site);
        // Obsolete names (RFC 1123 section 4.1.3.1)
        add("XPWD", files::pwd);
        add("XCWD", files::cwd);
        add("XCUP", (client, none) -> files.cwd(client, ".."));
        add("XMKD", files::mkd);
        add("XRMD", files::rmd);

        HashCommands hash = new HashCommands();
        add("HASH", hash::hash);
        add("MD5", (client, path) -> hash.legacyHash(client, HashAlgorithm.MD5, 251, path));
        add("XCRC", (client, path) -> hash.legacyHash(client, HashAlgorithm.CRC32, 250, path));
        add("XMD5", (client, path) -> hash.legacyHash(client, HashAlgorithm.MD5, 250, path));
        add("XSHA", (client, path) -> hash.legacyHash(client, HashAlgorithm.SHA_1, 250, path));
        add("XSHA1", (client, path) -> hash.legacyHash(client, HashAlgorithm.SHA_1, 250, path));
        add("XSHA256", (client, path) -> hash.legacyHash(client, HashAlgorithm.SHA_256, 250, path));
        add("XSHA512", (client, path) -> hash.legacyHash(client, HashAlgorithm.SHA_512, 250, path));

        TransferCommands transfers = new TransferCommands();
        add("RETR", transfers::retr);
        add("STOR", transfers::stor);
        add("STOU", transfers::stou);
        add("APPE", transfers::appe);
        add("REST", transfers::rest);
        add("ABOR", transfers::abor);

        ListCommands lists = new ListCommands();
        add("LIST", lists::list);
        add("NLST", lists::nlst);
        add("MLSD", lists::mlsd);
        add("STAT", lists::stat);

        add("ALLO", (client, argument) -> client.reply(202, "No storage allocation necessary."));
        add("ACCT", (client, argument) -> client.reply(202, "No account is needed."));
        add("CLNT", (client, argument) -> client.reply(200, "CLNT command successful."));
        add("OPTS", this::opts);
        add("FEAT", this::feat);
        add("HELP", this::help);
    }

    private void add(String name, Action action) {
        commands.put(name, (client, argument) -> {
            action.run(client, argument);
            return null;
        });
    }

    @Override
    public boolean isLogged(String command) {
        return LOGGED.contains(command);
    }

    @Override
    public @Nullable CompletionStage<Runnable> execute(FtpSession client, Request request) throws IOException {
        String name = request.command();
        Reply error = request.error();
        AsyncAction command = commands.get(name);
        if (error != null && error.code() == 421) {
            client.dismiss(error.lines().get(0));
        } else if (error != null) {
            client.reply(error);
        } else if (command == null && request.isHttp()) {
            // An attacker may make a browser send an HTTP request with FTP commands in its body. They must not run.
            client.dismiss("This is an FTP server.");
        } else if (command == null) {
            client.reply(502, (NAME.matcher(name).matches() ? name + " command" : "Command") + " not implemented.");
        } else if (!client.isLoggedIn() && !BEFORE_LOGIN.contains(name)) {
            client.reply(530, "Please log in with USER and PASS.");
        } else {
            try {
                return command.run(client, request.argument());
            } finally {
                // REST and RNFR apply only to the next transfer or RNTO.
                if (!KEEP_OFFSET.contains(name)) {
                    client.state().takeOffset();
                }
                if (!name.equals("RNFR")) {
                    client.state().renameFrom = null;
                }
            }
        }
        return null;
    }

    private void opts(FtpSession client, @Nullable String argument) {
        String[] words = argument == null ? new String[] {""} : argument.strip().split("\\s+", 2);
        switch (words[0].toUpperCase(Locale.ROOT)) {
            case "UTF8", "UTF-8" -> client.reply(200, "UTF8 is always on.");
            case "MLST" -> {
                client.state().facts = Fact.named(words.length < 2 ? "" : words[1]);
                StringBuilder reply = new StringBuilder("MLST OPTS ");
                client.state().facts.forEach(fact -> reply.append(fact).append(';'));
                client.reply(200, reply.toString().strip());
            }
            case "HASH" -> {
                Optional<HashAlgorithm> wanted = words.length < 2
                        ? Optional.of(client.state().hash)
                        : HashAlgorithm.named(words[1].strip().toUpperCase(Locale.ROOT));
                if (wanted.isPresent()) {
                    client.state().hash = wanted.get();
                    client.reply(200, wanted.get().toString());
                } else {
                    client.reply(501, "Supported hashes are " + HashAlgorithm.names() + ".");
                }
            }
            default -> client.reply(501, "Only HASH, MLST and UTF8 have options.");
        }
    }

    private void feat(FtpSession client, @Nullable String argument) {
        List<String> features = new ArrayList<>(List.of("Extensions:"));
        if (client.server().tls().identity() != null) {
            features.addAll(List.of(" AUTH TLS", " PBSZ", " PROT"));
        }
        features.addAll(List.of(
                " EPRT",
                " EPSV",
                " HASH " + HashAlgorithm.feature(client.state().hash),
                " MDTM",
                " MFMT",
                " MLST " + Fact.feature(client.state().facts),
                " REST STREAM",
                " SIZE",
                " TVFS",
                " UTF8",
                " XCRC",
                " XMD5",
                " XSHA",
                " XSHA256",
                " XSHA512",
                "End."));
        client.reply(211, features);
    }

    /** Lists a few names in each line, as other servers do. ncftp sends {@code HELP SITE}. */
    private void help(FtpSession client, @Nullable String argument) {
        if ("SITE".equalsIgnoreCase(argument)) {
            client.reply(SiteCommands.HELP);
            return;
        }
        List<String> lines = new ArrayList<>(List.of("Commands:"));
        StringBuilder line = new StringBuilder();
        for (String name : new TreeSet<>(commands.keySet())) {
            line.append(' ').append(name);
            if (line.length() > HELP_LINE_LENGTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
        }
        lines.add(line.toString());
        lines.add("End.");
        client.reply(214, lines);
    }
}
