package dev.mooring.ftp.internal.commands;

import dev.mooring.common.ClientText;
import dev.mooring.ftp.internal.data.DataStream;
import dev.mooring.ftp.internal.data.FileException;
import dev.mooring.ftp.internal.data.TransferTimeout;
import dev.mooring.ftp.internal.files.Login;
import dev.mooring.ftp.internal.session.FtpSession;
import dev.mooring.ftp.internal.session.Transfer;
import dev.mooring.share.OpenFile;
import dev.mooring.share.SharePath;
import dev.mooring.share.Upload;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Commands that transfer files. */
final class TransferCommands {

    private static final Logger LOG = System.getLogger(TransferCommands.class.getName());
    /** The number of names that {@code STOU} tries besides the requested one. */
    private static final int MAX_SUFFIX = 9999;

    static final Transfer.Content FINISH = DataStream::finish;

    /** Whether the data connection must be encrypted and is not. Sends the error reply. */
    static boolean refuseUnprotected(FtpSession client) {
        if (client.tls().isMissingForData()) {
            client.reply(521, "This server requires encrypted data connections; send PROT P.");
            return true;
        }
        return false;
    }

    void rest(FtpSession client, @Nullable String argument) {
        // After a refused REST a client may transfer the whole file, so the old offset must not apply.
        client.state().takeOffset();
        String number = argument == null ? "" : argument.strip();
        if (number.matches("\\d{1,18}")) {
            client.state().offset = Long.parseLong(number);
            client.reply(350, "Restarting at " + client.state().offset + ". Send STOR or RETR to transfer.");
        } else {
            client.reply(501, "REST needs a number of bytes.");
        }
    }

    void abor(FtpSession client, @Nullable String none) {
        client.transfers().discardSource();
        client.reply(226, "ABOR command successful.");
    }

    void retr(FtpSession client, @Nullable String argument) throws IOException {
        long offset = client.state().takeOffset();
        SharePath path = client.login().required(argument);
        if (refuseUnprotected(client)) {
            return;
        }
        try (OpenFile file = client.login().open(path)) {
            long size = file.entry().size();
            if (offset > size) {
                client.reply(554, path + " has only " + size + " bytes.");
                return;
            }
            Transfer.run(
                    client,
                    "RETR " + path,
                    // Clients parse the size.
                    texts(path, " (" + size + " bytes)"),
                    stream -> stream.send(file.channel(), offset, size - offset),
                    FINISH);
        }
    }

    /** The usual text, which some clients parse. It always has BINARY, because content is never converted. */
    private static Transfer.Texts texts(SharePath path, String size) {
        return new Transfer.Texts("Opening BINARY mode data connection for " + path + size + '.');
    }

    void stor(FtpSession client, @Nullable String argument) throws IOException {
        long offset = client.state().takeOffset();
        SharePath path = target(client, argument);
        if (refuseUnprotected(client)) {
            return;
        }
        if (offset > 0) {
            writeInPlace(client, "STOR", path, offset);
            return;
        }
        try (Upload upload = client.login().files().upload(client.login().path(path))) {
            receive(client, "STOR " + path, texts(path, ""), upload);
        }
    }

    private static void receive(FtpSession client, String operation, Transfer.Texts texts, Upload upload)
            throws IOException {
        long began = System.nanoTime();
        Transfer.run(client, operation, texts, stream -> stream.receive(markFileErrors(upload.channel())), stream -> {
            // A killed client ends its data connection as if it had sent everything, but also its control connection.
            if (!client.transfers().isClientAlive(stream, began)) {
                throw new TransferTimeout.AbortedException("the client has gone");
            }
            atFile(upload::commit);
            finish(stream);
        });
    }

    /** Stores in a new file with the requested name, or with a number after it, as in vsftpd. */
    void stou(FtpSession client, @Nullable String argument) throws IOException {
        String wanted = argument == null ? "STOU" : argument;
        SharePath first = target(client, wanted);
        if (client.state().takeOffset() > 0) {
            client.reply(554, "STOU creates a new file and cannot resume.");
            return;
        }
        if (refuseUnprotected(client)) {
            return;
        }
        for (int i = 0; ; i++) {
            String suffix = i == 0 ? "" : "." + i;
            SharePath path = first.parent().resolve(first.name() + suffix);
            Upload upload;
            try {
                upload = client.login().files().uploadNew(client.login().path(path));
            } catch (FileAlreadyExistsException e) {
                if (i < MAX_SUFFIX) {
                    continue;
                }
                throw e;
            }
            try (upload) {
                client.state().loggedPath = path;
                // The first text is that of RFC 1123 section 4.1.2.9, the last that of BSD's ftpd. Clients parse them.
                String name = wanted + suffix;
                Transfer.Texts texts =
                        new Transfer.Texts("FILE: " + name, "Transfer complete (unique file name: " + name + ")");
                receive(client, "STOU " + path, texts, upload);
            }
            return;
        }
    }

    void appe(FtpSession client, @Nullable String argument) throws IOException {
        client.state().takeOffset();
        SharePath path = target(client, argument);
        if (!refuseUnprotected(client)) {
            writeInPlace(client, "APPE", path, -1);
        }
    }

    /** The path of a file to write. */
    private static SharePath target(FtpSession client, @Nullable String argument) throws IOException {
        SharePath path = client.login().required(argument);
        if (path.isRoot() || Login.namesDirectory(String.valueOf(argument))) {
            throw new FileSystemException(path.toString(), null, "Is a directory");
        }
        if (!client.login().mayWrite()) {
            throw new AccessDeniedException(path.toString(), null, "read-only");
        }
        return path;
    }

    /** Writes to a file from an offset, or appends to it. The received bytes stay, even if the transfer fails. */
    private static void writeInPlace(FtpSession client, String command, SharePath path, long offset)
            throws IOException {
        Path file = client.login().path(path);
        long began = System.nanoTime();
        // Only an existing file can be resumed. CREATE would leave an empty file.
        Set<StandardOpenOption> options = offset < 0
                ? Set.of(StandardOpenOption.APPEND, StandardOpenOption.CREATE)
                : Set.of(StandardOpenOption.WRITE);
        try (SeekableByteChannel channel = Files.newByteChannel(file, options)) {
            long size = channel.size();
            if (offset > size) {
                client.reply(554, path + " has only " + size + " bytes.");
                return;
            }
            if (offset >= 0) {
                channel.position(offset);
            }
            Transfer.run(
                    client,
                    command + " " + path,
                    texts(path, ""),
                    stream -> stream.receive(markFileErrors(channel)),
                    stream -> {
                        if (offset >= 0 && client.transfers().isClientAlive(stream, began)) {
                            channel.truncate(channel.position());
                        }
                        // A network file system may report only now that its disk is full.
                        atFile(channel::close);
                        finish(stream);
                    });
        }
    }

    /** Ends the output of an upload. Errors are ignored, because many clients have closed the connection by then. */
    private static void finish(DataStream stream) {
        try {
            stream.finish();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The client has disconnected; the upload is complete", ClientText.trace(e));
        }
    }

    private interface FileAction {
        void run() throws IOException;
    }

    private static void atFile(FileAction action) throws IOException {
        try {
            action.run();
        } catch (IOException e) {
            throw new FileException(e);
        }
    }

    /** Marks errors of the file, to tell them from errors of the connection. */
    private static WritableByteChannel markFileErrors(SeekableByteChannel file) {
        return new WritableByteChannel() {
            @Override
            public int write(ByteBuffer content) throws IOException {
                try {
                    return file.write(content);
                } catch (IOException e) {
                    throw new FileException(e);
                }
            }

            @Override
            public boolean isOpen() {
                return file.isOpen();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }
}
