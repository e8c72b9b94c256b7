package dev.mooring.ftp.internal.commands;

import dev.mooring.ftp.internal.session.FtpSession;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Commands for the representation of content (RFC 959 section 5.3.1). Supports the minimum of RFC 1123 section 4.1.2.13: ASCII Non-print, Image,
 * Local 8, Stream and File. Content is never converted, so ASCII and Image are the same.
 */
final class SettingCommands {

    /** Non-print and Telnet format are equivalent (RFC 1123 section 4.1.2.2). Carriage Control is not supported. */
    private static final Set<String> TEXT = Set.of("A", "A N", "A T");

    private static final Set<String> BINARY = Set.of("I", "L 8", "L8");

    private SettingCommands() {}

    static void type(FtpSession client, @Nullable String argument) {
        String type = normalized(argument);
        if (type.isEmpty()) {
            client.reply(501, "TYPE needs a type: A or I.");
        } else if (TEXT.contains(type)) {
            client.reply(200, "Type set to A; files are transferred unchanged.");
        } else if (BINARY.contains(type)) {
            client.reply(200, "Type set to " + type + ".");
        } else {
            client.reply(504, "Supported types are A, I and L 8.");
        }
    }

    static void mode(FtpSession client, @Nullable String argument) {
        acceptOnly(client, argument, "MODE", "S", "Mode set to S.");
    }

    static void stru(FtpSession client, @Nullable String argument) {
        acceptOnly(client, argument, "STRU", "F", "Structure set to F.");
    }

    private static void acceptOnly(
            FtpSession client, @Nullable String argument, String command, String value, String reply) {
        String wanted = normalized(argument);
        if (wanted.isEmpty()) {
            client.reply(501, command + " needs a value: " + value + ".");
        } else if (wanted.equals(value)) {
            client.reply(200, reply);
        } else {
            client.reply(504, "Only " + command + ' ' + value + " is supported.");
        }
    }

    /** BSD clients switch to binary only for this exact text. Other clients look for UNIX to parse listings. */
    static void syst(FtpSession client, @Nullable String none) {
        client.reply(215, "UNIX Type: L8");
    }

    private static String normalized(@Nullable String argument) {
        return argument == null ? "" : argument.strip().replaceAll(" +", " ").toUpperCase(Locale.ROOT);
    }
}
