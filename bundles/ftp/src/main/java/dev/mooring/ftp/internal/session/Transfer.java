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
    private final String what;
    private final Texts texts;
    private final TransferTimeout patience;
    private volatile @Nullable DataStream stream;

    private Transfer(FtpSession session, String what, Texts texts) {
        this.session = session;
        this.what = what;
        this.texts = texts;
        patience = new TransferTimeout(session.server().dataTimeout());
    }

    /**
     * Makes the data connection, transfers the content, and replies to the client, also after errors.
     *
     * @param what the command and its path, for messages
     * @param texts the texts of the replies
     * @param last run after the content and before the last reply, which reports its errors
     */
    public static void run(FtpSession session, String what, Texts texts, Content content, Content last)
            throws IOException {
        DataSource source = session.transfers().takeSource();
        if (source == null) {
            session.reply(425, "Send PASV, EPSV, PORT or EPRT first.");
            return;
        }
        try (source) {
            Transfer transfer = new Transfer(session, what, texts);
            session.transfers().begin(transfer);
            session.server().metrics().begun();
            try {
                transfer.run(source, content, last);
            } finally {
                session.server().metrics().ended();
                session.transfers().end();
                transfer.patience.close();
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
                failed(e);
                connected.discard();
                return;
            }
            session.reply(226, texts.complete + ", " + connected.moved() + " bytes.");
        } catch (TransferTimeout.AbortedException e) {
            session.reply(426, "Transfer aborted: " + e.getMessage() + ".");
        } catch (NoConnectionException e) {
            session.reply(425, "No data connection: " + e.getMessage() + ".");
        } catch (IOException e) {
            failed(e);
        } finally {
            session.transfers().moved(moved());
        }
    }

    private long moved() {
        DataStream moving = stream;
        return moving == null ? 0 : moving.moved();
    }

    private void failed(IOException e) {
        Problem problem = e instanceof SSLException
                ? new Problem(522, "TLS of the data connection failed: " + e.getMessage(), e.getMessage())
                : e instanceof java.nio.file.FileSystemException || e instanceof FileException
                        ? Problem.of(e instanceof FileException file ? file.error() : e)
                        : new Problem(426, "The data connection failed: " + e.getMessage() + ".", e.getMessage());
        LOG.log(
                Level.WARNING,
                "{0}: {1} of {2} failed: {3}",
                session.server().name(),
                ClientText.sentence(what),
                session,
                ClientText.sentence(problem.log() == null ? problem.text() : problem.log()));
        session.reply(problem.code(), problem.text());
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
            var channel = source.connect(patience);
            SSLContext tls = session.tls().dataContext();
            return tls == null
                    ? new DataStream(channel, patience)
                    : new TlsStream(channel, patience, PemIdentity.engine(tls));
        } catch (TransferTimeout.AbortedException e) {
            throw e;
        } catch (IOException e) {
            throw new NoConnectionException(e);
        }
    }

    /** Aborts the transfer. Any thread may call this. */
    void abort(String reason) {
        patience.abort(reason);
    }

    /** The progress, for the reply to STAT. */
    String status() {
        DataStream moving = stream;
        return what + ": " + (moving == null ? "waiting for the data connection" : moving.moved() + " bytes so far")
                + ".";
    }
}
