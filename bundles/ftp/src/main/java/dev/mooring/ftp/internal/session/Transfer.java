package dev.mooring.ftp.internal.session;

import dev.mooring.common.ClientText;
import dev.mooring.ftp.internal.data.DataSource;
import dev.mooring.ftp.internal.data.DataStream;
import dev.mooring.ftp.internal.data.FileException;
import dev.mooring.ftp.internal.data.TlsStream;
import dev.mooring.ftp.internal.data.TransferTimeout;
import dev.mooring.protocol.PemIdentity;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One transfer over one data connection, from the first reply to the last. */
public final class Transfer {

    private static final Logger LOG = System.getLogger(Transfer.class.getName());

    /** An action on the data connection. */
    @FunctionalInterface
    public interface Content {
        void move(DataStream stream) throws IOException;
    }

    /**
     * The texts of the replies.
     *
     * @param opening the text when the data connection exists
     * @param complete the text when the transfer is complete
     */
    public record Texts(String opening, String complete) {

        public Texts(String opening) {
            this(opening, "Transfer complete");
        }
    }

    private final FtpSession session;
    private final String operation;
    private final Texts texts;
    private final TransferTimeout timeout;
    private volatile @Nullable DataStream stream;

    private Transfer(FtpSession session, String operation, Texts texts) {
        this.session = session;
        this.operation = operation;
        this.texts = texts;
        timeout = new TransferTimeout(session.server().dataTimeout());
    }

    /**
     * Makes the data connection, transfers the content, and replies to the client, also after errors.
     *
     * @param operation the command and its path, for messages
     * @param texts the texts of the replies
     * @param last run after the content and before the last reply, which reports its errors
     */
    public static void run(FtpSession session, String operation, Texts texts, Content content, Content last)
            throws IOException {
        DataSource source = session.transfers().takeSource();
        if (source == null) {
            session.reply(425, "Send PASV, EPSV, PORT or EPRT first.");
            return;
        }
        try (source) {
            Transfer transfer = new Transfer(session, operation, texts);
            session.transfers().begin(transfer);
            session.server().metrics().begun();
            try {
                transfer.run(source, content, last);
            } finally {
                session.server().metrics().ended();
                session.transfers().end();
                transfer.timeout.close();
            }
        }
    }

    private void run(DataSource source, Content content, Content last) {
        try (DataStream connected = connect(source)) {
            stream = connected;
            session.reply(150, texts.opening);
            connected.open();
            try {
                content.move(connected);
                last.move(connected);
            } catch (FileException e) {
                // Reply first. A client whose data connection is cut off while it sends would not look for the reason.
                replyError(e);
                connected.discard();
                return;
            }
            session.reply(226, texts.complete + ", " + connected.transferred() + " bytes.");
        } catch (TransferTimeout.AbortedException e) {
            session.reply(426, "Transfer aborted: " + e.getMessage() + ".");
        } catch (NoConnectionException e) {
            session.reply(425, "No data connection: " + e.getMessage() + ".");
        } catch (IOException e) {
            replyError(e);
        } finally {
            session.transfers().countTransferred(transferred());
        }
    }

    private long transferred() {
        DataStream open = stream;
        return open == null ? 0 : open.transferred();
    }

    private void replyError(IOException e) {
        ErrorReply reply = e instanceof SSLException
                ? new ErrorReply(522, "TLS of the data connection failed: " + e.getMessage(), e.getMessage())
                : e instanceof java.nio.file.FileSystemException || e instanceof FileException
                        ? ErrorReply.of(e instanceof FileException file ? file.error() : e)
                        : new ErrorReply(426, "The data connection failed: " + e.getMessage() + ".", e.getMessage());
        LOG.log(
                Level.WARNING,
                "{0}: {1} of {2} failed: {3}",
                session.server().name(),
                ClientText.sentence(operation),
                session,
                ClientText.sentence(reply.log() == null ? reply.text() : reply.log()));
        session.reply(reply.code(), reply.text());
    }

    /** Thrown if no data connection can be made. The message has the reason. */
    private static final class NoConnectionException extends IOException {
        private static final long serialVersionUID = 1L;

        NoConnectionException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private DataStream connect(DataSource source) throws IOException {
        try {
            var channel = source.connect(timeout);
            SSLContext tls = session.tls().dataContext();
            return tls == null
                    ? new DataStream(channel, timeout)
                    : new TlsStream(channel, timeout, PemIdentity.engine(tls), session.tls()::checkData);
        } catch (TransferTimeout.AbortedException e) {
            throw e;
        } catch (IOException e) {
            throw new NoConnectionException(e);
        }
    }

    /** Aborts the transfer. Any thread may call this. */
    void abort(String reason) {
        timeout.abort(reason);
    }

    /** The progress, for the reply to STAT. */
    String status() {
        DataStream open = stream;
        return operation + ": "
                + (open == null ? "waiting for the data connection" : open.transferred() + " bytes so far") + ".";
    }
}
