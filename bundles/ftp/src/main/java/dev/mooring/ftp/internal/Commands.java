package dev.mooring.ftp.internal;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.ftpserver.command.Command;
import org.apache.ftpserver.command.CommandFactory;
import org.apache.ftpserver.command.CommandFactoryFactory;
import org.jspecify.annotations.Nullable;

/**
 * Every command. What touches files, connections or accounts is ours, because FtpServer's transfers are loops over streams,
 * its uploads replace a file before they are complete, and its ABOR waits for the transfer that it should end; what only
 * keeps a setting is FtpServer's.
 */
final class Commands implements CommandFactory {

    /** Does what a command says. */
    @FunctionalInterface
    interface Action {
        void run(Conversation client, @Nullable String argument) throws IOException;
    }

    private static final Set<String> OF_FTPSERVER = Set.of("MODE", "NOOP", "STRU", "SYST", "TYPE");
    /** What is written to the access log: what reads files, or changes which there are. */
    static final Set<String> LOGGED = Set.of(
            "APPE", "DELE", "LIST", "MKD", "MLSD", "NLST", "RETR", "RMD", "RNFR", "RNTO", "STOR", "XMKD", "XRMD");

    private static final Set<String> BEFORE_LOGIN = Set.of(
            "ABOR",
            "AUTH",
            "CLNT",
            "FEAT",
            "HELP",
            "NOOP",
            "OPTS",
            "PASS",
            "PBSZ",
            "PROT",
            "QUIT",
            "REIN",
            "SYST",
            "USER",
            "-UNREADABLE");

    private final Map<String, Command> commands = new HashMap<>();
    private final CommandFactory ftpServer = new CommandFactoryFactory().createCommandFactory();

    Commands(FtpEngine engine) {
        LoginCommands login = new LoginCommands(engine);
        add("USER", login::user);
        add("PASS", login::pass);
        add("REIN", login::rein);
        add("QUIT", login::quit);
        add("AUTH", login::auth);
        add("PBSZ", login::pbsz);
        add("PROT", login::prot);
        add("CCC", (client, argument) -> client.reply(533, "The control connection stays encrypted."));

        DataCommands data = new DataCommands(engine);
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
        add("SITE", files::site);
        // RFC 1123 section 4.1.3.1: the names of old
        add("XPWD", files::pwd);
        add("XCWD", files::cwd);
        add("XCUP", (client, none) -> files.cwd(client, ".."));
        add("XMKD", files::mkd);
        add("XRMD", files::rmd);

        HashCommands hash = new HashCommands();
        add("HASH", hash::hash);
        add("MD5", (client, path) -> hash.x(client, "MD5", 251, path));
        add("XCRC", (client, path) -> hash.x(client, "CRC32", 250, path));
        add("XMD5", (client, path) -> hash.x(client, "MD5", 250, path));
        add("XSHA", (client, path) -> hash.x(client, "SHA-1", 250, path));
        add("XSHA1", (client, path) -> hash.x(client, "SHA-1", 250, path));
        add("XSHA256", (client, path) -> hash.x(client, "SHA-256", 250, path));
        add("XSHA512", (client, path) -> hash.x(client, "SHA-512", 250, path));

        TransferCommands transfers = new TransferCommands();
        add("RETR", transfers::retr);
        add("STOR", transfers::stor);
        add("APPE", transfers::appe);
        add("REST", transfers::rest);
        add("ABOR", transfers::abor);
        add("LIST", transfers::list);
        add("NLST", transfers::nlst);
        add("MLSD", transfers::mlsd);

        add("ALLO", (client, argument) -> client.reply(202, "Not needed here."));
        add("ACCT", (client, argument) -> client.reply(202, "Not needed here."));
        add("CLNT", (client, argument) -> client.reply(200, "Welcome."));
        add("STAT", transfers::stat);
        add("OPTS", this::opts);
        add("FEAT", this::feat);
        add("HELP", this::help);
    }

    private void add(String name, Action action) {
        commands.put(name, (session, context, request) -> {
            Conversation client = Control.of(session);
            try {
                action.run(client, request.getArgument());
            } finally {
                // Where a transfer is to start, and what is to be renamed, is for the next command of that kind only.
                if (!name.equals("REST") && !DataCommands.NAMES.contains(name)) {
                    client.takeOffset();
                }
                if (!name.equals("RNFR")) {
                    client.renameFrom = null;
                }
            }
        });
    }

    @Override
    public @Nullable Command getCommand(String name) {
        Command command = commands.containsKey(name)
                ? commands.get(name)
                : OF_FTPSERVER.contains(name) ? ftpServer.getCommand(name) : null;
        if (command == null || BEFORE_LOGIN.contains(name)) {
            return command;
        }
        return (session, context, request) -> {
            if (Control.of(session).isLoggedIn()) {
                command.execute(session, context, request);
            } else {
                Control.of(session).reply(530, "Log in with USER and PASS first.");
            }
        };
    }

    private void opts(Conversation client, @Nullable String argument) {
        String[] words = argument == null ? new String[] {""} : argument.strip().split("\\s+", 2);
        switch (words[0].toUpperCase(Locale.ROOT)) {
            case "UTF8", "UTF-8" -> client.reply(200, "Names are always in UTF-8.");
            case "MLST" -> {
                client.facts = Fact.named(words.length < 2 ? "" : words[1]);
                StringBuilder told = new StringBuilder("MLST OPTS ");
                client.facts.forEach(fact -> told.append(fact).append(';'));
                client.reply(200, told.toString().strip());
            }
            case "HASH" -> {
                String algorithm =
                        words.length < 2 ? client.hash : words[1].strip().toUpperCase(Locale.ROOT);
                if (HashCommands.ALGORITHMS.contains(algorithm)) {
                    client.hash = algorithm;
                    client.reply(200, algorithm);
                } else {
                    client.reply(501, "Hashes are " + String.join(", ", HashCommands.ALGORITHMS) + ".");
                }
            }
            default -> client.reply(501, "There are options of HASH, MLST and UTF8.");
        }
    }

    private void feat(Conversation client, @Nullable String argument) {
        List<String> features = new java.util.ArrayList<>(List.of("Extensions:"));
        if (client.engine().identity() != null) {
            features.addAll(List.of(" AUTH TLS", " PBSZ", " PROT"));
        }
        features.addAll(List.of(
                " EPRT",
                " EPSV",
                " HASH " + HashCommands.offered(client.hash),
                " MDTM",
                " MFMT",
                " MLST " + Fact.feature(client.facts),
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

    private void help(Conversation client, @Nullable String argument) {
        Set<String> names = new TreeSet<>(commands.keySet());
        names.addAll(OF_FTPSERVER);
        client.reply(214, List.of("Commands:", " " + String.join(" ", names), "End."));
    }
}
