package dev.mooring.ftp.internal.commands;

import dev.mooring.ftp.internal.control.Reply;
import dev.mooring.ftp.internal.data.DataStream;
import dev.mooring.ftp.internal.files.HashAlgorithm;
import dev.mooring.ftp.internal.session.FtpSession;
import dev.mooring.share.OpenFile;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Hashes of files: HASH (draft-bryan-ftpext-hash) and the older commands. */
final class HashCommands {

    void hash(FtpSession client, @Nullable String argument) throws IOException {
        SharePath path = client.login().required(argument);
        try (OpenFile file = client.login().open(path)) {
            String hash = hash(client, file, client.state().hash);
            client.reply(
                    213,
                    client.state().hash + " 0-" + Math.max(0, file.entry().size() - 1) + ' ' + hash + ' '
                            + Reply.oneLine(argument == null ? "" : argument));
        }
    }

    void legacyHash(FtpSession client, HashAlgorithm algorithm, int code, @Nullable String argument)
            throws IOException {
        String quoted =
                argument != null && argument.length() > 1 && argument.startsWith("\"") && argument.endsWith("\"")
                        ? argument.substring(1, argument.length() - 1)
                        : argument;
        try (OpenFile file = client.login().open(client.login().required(quoted))) {
            String hash = hash(client, file, algorithm).toUpperCase(Locale.ROOT);
            client.reply(code, code == 251 ? '"' + Reply.oneLine(quoted == null ? "" : quoted) + "\" " + hash : hash);
        }
    }

    private static String hash(FtpSession client, OpenFile file, HashAlgorithm algorithm) throws IOException {
        ByteBuffer buffer = DataStream.buffer();
        if (algorithm == HashAlgorithm.CRC32) {
            CRC32 crc = new CRC32();
            for (; read(client, file, buffer); buffer.clear()) {
                crc.update(buffer);
            }
            return String.format(Locale.ROOT, "%08x", crc.getValue());
        }
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm.toString());
            for (; read(client, file, buffer); buffer.clear()) {
                digest.update(buffer);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IOException("this JDK has no " + algorithm, e);
        }
    }

    private static boolean read(FtpSession client, OpenFile file, ByteBuffer buffer) throws IOException {
        if (client.isDisconnected()) {
            throw new IOException("the client has gone");
        }
        int read = file.channel().read(buffer);
        buffer.flip();
        return read >= 0;
    }
}
