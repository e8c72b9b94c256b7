package dev.mooring.sftp.internal.session;

import dev.mooring.accounts.Peer;
import dev.mooring.common.ClientLog;
import dev.mooring.common.ClientText;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Map;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.kex.KexProposalOption;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionDisconnectHandler;
import org.apache.sshd.common.session.SessionListener;
import org.jspecify.annotations.Nullable;

/** Logs what happens in sessions, one line each. */
public final class SessionLog implements SessionListener, SessionDisconnectHandler {

    private static final Logger LOG = System.getLogger(SessionLog.class.getName());

    private final ClientLog noCommonAlgorithm = new ClientLog(LOG);
    private final ClientLog connectionFailures = new ClientLog(LOG);
    private final ClientLog internalErrors = new ClientLog(LOG);
    private final ClientLog tooManyFiles = new ClientLog(LOG);
    private final ClientLog tooManyCommands = new ClientLog(LOG);
    private static final int MAX_QUOTED_LENGTH = 200;

    private final String name;

    public SessionLog(String name) {
        this.name = name;
    }

    private static String peer(Session session) {
        return String.valueOf(session.getIoSession().getRemoteAddress()).replaceFirst("^/", "");
    }

    private static @Nullable InetAddress address(Session session) {
        return Peer.of("ssh", session.getIoSession().getRemoteAddress()).address();
    }

    /** Clients can send texts as long as a packet. */
    private static ClientText shortened(@Nullable String said) {
        String text = String.valueOf(said);
        return ClientText.of(text.length() <= MAX_QUOTED_LENGTH ? text : text.substring(0, MAX_QUOTED_LENGTH) + "...");
    }

    @Override
    public void sessionEvent(Session session, Event event) {
        if (event == Event.Authenticated) {
            LOG.log(
                    Level.DEBUG,
                    "{0}: {1} has logged in from {2}",
                    name,
                    ClientText.of(session.getUsername()),
                    peer(session));
        }
    }

    @Override
    public boolean handleKexDisconnectReason(
            Session session,
            Map<KexProposalOption, String> client,
            Map<KexProposalOption, String> server,
            Map<KexProposalOption, String> negotiated,
            KexProposalOption option)
            throws IOException {
        if (SessionDisconnectHandler.super.handleKexDisconnectReason(session, client, server, negotiated, option)) {
            return true;
        }
        noCommonAlgorithm.log(
                Level.INFO,
                address(session),
                () -> name + ": " + peer(session) + " (" + shortened(session.getClientVersion())
                        + ") cannot connect, because there is no " + option.getDescription() + " in common: it has "
                        + shortened(client.get(option)) + ", the server " + server.get(option));
        return false;
    }

    /** A broken connection is only logged for debugging; an internal error is a warning. */
    @Override
    public void sessionException(Session session, Throwable failure) {
        boolean connectionFailed = failure instanceof IOException;
        (connectionFailed ? connectionFailures : internalErrors)
                .log(
                        connectionFailed ? Level.DEBUG : Level.WARNING,
                        address(session),
                        () -> name + ": " + peer(session) + ": " + ClientText.sentence(failure));
        LOG.log(Level.TRACE, "Trace", ClientText.trace(failure));
    }

    /**
     * A write failed, for a reason that the operator may have to remove.
     *
     * @param remedy the end of the message, see {@code ErrorStatus}
     */
    public void cannotWrite(Session session, Path file, @Nullable String reason, String remedy) {
        LOG.log(
                Level.WARNING,
                "{0}: {1} cannot write {2}: {3}{4}",
                name,
                ClientText.of(session.getUsername()),
                ClientText.of(file),
                ClientText.sentence(reason),
                remedy);
    }

    /**
     * A client has reached a limit on open handles.
     *
     * @param limit the number of handles that all clients of the process may have
     */
    public void tooManyFiles(Session session, String reason, int limit) {
        tooManyFiles.log(
                Level.WARNING,
                address(session),
                () -> name + ": " + ClientText.of(session.getUsername()) + " cannot open a file: " + reason
                        + " (all clients together may have " + limit
                        + " handles, at most an eighth of the descriptors; raise"
                        + " LimitNOFILE= in the .service unit for more)");
    }

    /** A client has reached a limit on running commands. */
    public void tooManyCommands(Session session, String reason) {
        tooManyCommands.log(
                Level.WARNING,
                address(session),
                () -> name + ": " + ClientText.of(session.getUsername()) + " cannot run a command: " + reason);
    }

    /** An interrupted upload could not be removed. */
    public void partialUploadRemains(Session session, Path file, IOException failure) {
        LOG.log(
                Level.WARNING,
                "{0}: the interrupted upload of {2} by {1} could not be removed and remains under a hidden name: {3}",
                name,
                ClientText.of(session.getUsername()),
                ClientText.of(file),
                ClientText.sentence(failure));
    }

    @Override
    public void sessionDisconnect(Session session, int reason, String message, String language, boolean initiator) {
        LOG.log(
                Level.DEBUG,
                "{0}: {1} {2}: {3} ({4})",
                name,
                peer(session),
                initiator ? "is disconnected" : "has disconnected",
                ClientText.sentence(message),
                SshConstants.getDisconnectReasonName(reason));
    }
}
