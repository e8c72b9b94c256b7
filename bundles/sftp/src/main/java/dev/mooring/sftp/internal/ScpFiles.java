package dev.mooring.sftp.internal;

import dev.mooring.share.ShareFileSystem;
import dev.mooring.share.Upload;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileSystemException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.scp.common.helpers.DefaultScpFileOpener;

/** Files that come by scp are seen when they are complete. */
final class ScpFiles extends DefaultScpFileOpener {

    /** One on its way, which is given up when it is closed without having been committed. */
    private static final class Incoming extends FilterOutputStream {

        private final Upload upload;

        Incoming(Upload upload) {
            super(Channels.newOutputStream(upload.channel()));
            this.upload = upload;
        }

        @Override
        public void write(byte[] bytes, int start, int length) throws IOException {
            out.write(bytes, start, length);
        }

        @Override
        public void close() throws IOException {
            upload.close();
        }
    }

    @Override
    public OutputStream openWrite(
            Session session, Path file, long size, Set<PosixFilePermission> permissions, OpenOption... options)
            throws IOException {
        return new Incoming(((ShareFileSystem) file.getFileSystem()).upload(file));
    }

    /** SSHD takes the end of the connection for that of the file. */
    @Override
    public void closeWrite(
            Session session, Path file, long size, Set<PosixFilePermission> permissions, OutputStream stream)
            throws IOException {
        Upload upload = ((Incoming) stream).upload;
        long come = upload.channel().size();
        if (come != size) {
            throw new FileSystemException(
                    file.toString(), null, come + " of " + size + " bytes have come, so nothing of it is kept");
        }
        upload.commit();
    }
}
