package dev.mooring.sftp.internal.command;

import dev.mooring.sftp.internal.files.ClientPath;
import dev.mooring.sftp.internal.files.ErrorStatus;
import dev.mooring.sftp.internal.session.SessionLog;
import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.Upload;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.scp.common.helpers.DefaultScpFileOpener;
import org.apache.sshd.scp.common.helpers.ScpTimestampCommandDetails;
import org.jspecify.annotations.Nullable;

/** Reads and writes the files of scp. Unless uploads are written in place, others see them when they are complete. */
final class ScpFiles extends DefaultScpFileOpener {

    /** The permissions that a directory needs while files are created in it. */
    static final Set<PosixFilePermission> OWNER_ALL = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private final SessionLog log;
    private final boolean inPlace;

    ScpFiles(SessionLog log, boolean inPlace) {
        this.log = log;
        this.inPlace = inPlace;
    }

    /** SSHD has decoded the name and replaced invalid bytes, so that several names would become one. */
    static boolean isUtf8(String text) {
        return text.indexOf('\uFFFD') < 0;
    }

    @Override
    public Path resolveLocalPath(Session session, FileSystem files, String path) throws IOException {
        return ClientPath.resolve(files.getPath("/"), path);
    }

    @Override
    public String checkRemoteFileName(FileSystem files, String name) {
        if (!isUtf8(name)) {
            throw new InvalidPathException(name, "A name is not UTF-8");
        }
        return super.checkRemoteFileName(files, name);
    }

    /** Makes a directory with the client's mode and the umask, but so that files can be created in it. */
    @Override
    public Path resolveIncomingFilePath(
            Session session,
            Path local,
            String name,
            boolean preserve,
            Set<PosixFilePermission> permissions,
            @Nullable ScpTimestampCommandDetails time)
            throws IOException {
        Path directory =
                Files.isDirectory(local) ? local.resolve(checkRemoteFileName(local.getFileSystem(), name)) : local;
        Set<PosixFilePermission> mode = EnumSet.copyOf(OWNER_ALL);
        mode.addAll(permissions);
        try {
            Files.createDirectory(directory, Scp.mode(directory, mode));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw new FileSystemException(directory.toString(), null, "Not a directory");
            }
        }
        return directory;
    }

    @Override
    public InputStream openRead(
            Session session, Path file, long size, Set<PosixFilePermission> permissions, OpenOption... options)
            throws IOException {
        return new OutgoingFile(super.openRead(session, file, size, permissions, options), file, size);
    }

    @Override
    public OutputStream openWrite(
            Session session, Path file, long size, Set<PosixFilePermission> permissions, OpenOption... options)
            throws IOException {
        if (!inPlace) {
            Upload upload = ((ShareFileSystem) file.getFileSystem()).upload(file, Scp.mode(file, permissions));
            return new IncomingFile(session, file, size, Channels.newOutputStream(upload.channel()), upload);
        }
        Set<OpenOption> how =
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
        OutputStream out = Channels.newOutputStream(Files.newByteChannel(file, how, Scp.mode(file, permissions)));
        return new IncomingFile(session, file, size, out, null);
    }

    /** SSHD would take the end of the connection for the end of the file. */
    @Override
    public void closeWrite(
            Session session, Path file, long size, Set<PosixFilePermission> permissions, OutputStream stream)
            throws IOException {
        IncomingFile incoming = (IncomingFile) stream;
        if (incoming.received != size) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    incoming.received + " of " + size + " bytes have arrived"
                            + (inPlace ? "" : ", so nothing of it is kept"));
        }
        if (incoming.upload != null) {
            incoming.upload.commit();
        }
    }

    /** A file that the server receives. The client learns of a write error after it has sent the whole file. */
    private final class IncomingFile extends OutputStream {

        private final Session session;
        private final Path file;
        private final long size;
        private final OutputStream out;
        private final @Nullable Upload upload;
        private @Nullable IOException failure;
        private long received;

        IncomingFile(Session session, Path file, long size, OutputStream out, @Nullable Upload upload) {
            this.session = session;
            this.file = file;
            this.size = size;
            this.out = out;
            this.upload = upload;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int start, int length) throws IOException {
            received += length;
            if (failure == null) {
                try {
                    out.write(bytes, start, length);
                } catch (IOException e) {
                    String reason = ErrorStatus.reason(e);
                    failure = new FileSystemException(file.toString(), null, reason);
                    failure.initCause(e);
                    log.cannotWrite(session, file, reason, ErrorStatus.remedy(e));
                }
            }
            if (failure != null && received >= size) {
                throw failure;
            }
        }

        @Override
        public void close() throws IOException {
            try (out) {
                if (upload != null) {
                    upload.close();
                }
            }
        }
    }

    /** A file that the server sends. It sends as many bytes as it has announced; if the file has become shorter, an error follows. */
    private static final class OutgoingFile extends FilterInputStream {

        private final Path file;
        private final long size;
        private long sent;
        private @Nullable IOException failure;

        OutgoingFile(InputStream in, Path file, long size) {
            super(in);
            this.file = file;
            this.size = size;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("Read an array of bytes");
        }

        @Override
        public int read(byte[] bytes, int start, int length) throws IOException {
            if (sent == size) {
                if (failure != null) {
                    throw failure;
                }
                return -1;
            }
            int most = (int) Math.min(length, size - sent);
            int read = failure == null ? content(bytes, start, most) : -1;
            if (read < 0) {
                Arrays.fill(bytes, start, start + most, (byte) 0);
                read = most;
            }
            sent += read;
            return read;
        }

        private int content(byte[] bytes, int start, int length) {
            try {
                int read = in.read(bytes, start, length);
                if (read < 0) {
                    failure = new FileSystemException(
                            file.toString(),
                            null,
                            "it was truncated to " + sent + " of " + size + " bytes during the transfer");
                }
                return read;
            } catch (IOException e) {
                failure = e;
                return -1;
            }
        }
    }
}
