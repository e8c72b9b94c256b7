package dev.mooring.sftp.internal.session;

import dev.mooring.accounts.Account;
import dev.mooring.sftp.internal.crypto.Algorithms;
import dev.mooring.sftp.internal.transport.SocketSession;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.cipher.Cipher;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.kex.KexProposalOption;
import org.apache.sshd.common.kex.KexState;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.session.ReservedSessionMessagesHandler;
import org.apache.sshd.common.session.helpers.TimeoutIndicator;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.ServerFactoryManager;
import org.apache.sshd.server.session.ServerSessionImpl;
import org.apache.sshd.server.session.SessionFactory;
import org.jspecify.annotations.Nullable;

/**
 * The session of one connection. It hears the client's proposal of algorithms before it makes its own (RFC 4253 section 7.1
 * lets both sides begin), because in SSH the client's order decides, and OpenSSH's begins with ChaCha20-Poly1305, which takes
 * Java two to three times as long as AES-GCM, for which the processor has instructions: to a client that has both, the
 * latter alone is offered.
 */
public final class SshSession extends ServerSessionImpl {

    /** A client may wait for our proposal as we wait for its own. */
    private static final long CLIENT_PROPOSAL_WAIT_MILLIS = 500;

    /** Whose session it is, from the login on. */
    public static final AttributeKey<Account> ACCOUNT = new AttributeKey<>();

    private static final String KEEP_ALIVE = "keepalive@openssh.com";

    /** As ClientAliveCountMax of OpenSSH. */
    private static final int MAX_UNANSWERED = 3;

    private static final int MAX_REQUESTS_IN_KEX = 1000;

    /** How often a client that is not read from is looked at. */
    private static final int PROBE_INTERVAL_SECONDS = 3;

    /** Guards the login: one request at a time, from its arrival to its answer. */
    private final Object login = new Object();

    /** Whether another thread decides on a login at this moment; guarded by {@link #login}. */
    private boolean decisionPending;

    private final AtomicInteger unanswered = new AtomicInteger();
    private volatile Instant lastRequest = Instant.now();

    /** Of the thread that handles messages. */
    private int requestsInKex;

    /** Of the thread that looks for timeouts. */
    private int secondsWithoutIo;

    private boolean clientProposed;
    private boolean serverProposed;

    private SshSession(ServerFactoryManager server, IoSession connection) throws Exception {
        super(server, connection);
    }

    @Override
    protected byte[] sendKexInit() throws Exception {
        synchronized (this) {
            if (!clientProposed && !serverProposed) {
                getFactoryManager()
                        .getScheduledExecutorService()
                        .schedule(this::proposeFirst, CLIENT_PROPOSAL_WAIT_MILLIS, TimeUnit.MILLISECONDS);
                return new byte[0];
            }
            serverProposed = true;
        }
        return super.sendKexInit();
    }

    private void proposeFirst() {
        try {
            synchronized (this) {
                if (serverProposed || !isOpen()) {
                    return;
                }
                serverProposed = true;
            }
            super.sendKexInit();
        } catch (Exception e) {
            exceptionCaught(e);
        }
    }

    @Override
    protected void receiveKexInit(Map<KexProposalOption, String> proposal, byte[] seed) throws IOException {
        super.receiveKexInit(proposal, seed);
        synchronized (this) {
            clientProposed = true;
            if (serverProposed) {
                return;
            }
        }
        List<NamedFactory<Cipher>> preferred =
                Algorithms.preferred(proposal.get(KexProposalOption.C2SENC), proposal.get(KexProposalOption.S2CENC));
        if (!preferred.isEmpty()) {
            setCipherFactories(preferred);
        }
        try {
            sendKexInit();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /**
     * Sends a message that means nothing (RFC 4253 section 11.2) when the client's keys are in use. OpenSSH's client does not send its next
     * message before this system has acknowledged its {@code NEWKEYS} (Nagle's algorithm), and an acknowledgement without data waits for 40 ms.
     */
    @Override
    protected void handleNewKeys(int command, Buffer message) throws Exception {
        super.handleNewKeys(command, message);
        if (!isAuthenticated()) {
            sendIgnoreMessage();
        }
    }

    /** Whatever comes shows that the client is there; not all of it is something that it wants. */
    @Override
    protected void doHandleMessage(Buffer message) throws Exception {
        unanswered.set(0);
        int type = message.rawByte(message.rpos()) & 0xFF;
        if (type >= SshConstants.SSH_MSG_USERAUTH_REQUEST
                && (type < SshConstants.SSH_MSG_GLOBAL_REQUEST || type > SshConstants.SSH_MSG_REQUEST_FAILURE)) {
            lastRequest = Instant.now();
        }
        if (type < SshConstants.SSH_MSG_USERAUTH_REQUEST || type >= SshConstants.SSH_MSG_GLOBAL_REQUEST) {
            if (isExcessive(type)) {
                disconnect(
                        SshConstants.SSH2_DISCONNECT_PROTOCOL_ERROR,
                        "There are too many requests while keys are exchanged; finish that first");
                return;
            }
            super.doHandleMessage(message);
            return;
        }
        synchronized (login) {
            if (!decisionPending) {
                super.doHandleMessage(message);
                return;
            }
        }
        disconnect(
                SshConstants.SSH2_DISCONNECT_PROTOCOL_ERROR,
                "A login is being decided on; wait for the answer before the next request");
    }

    /**
     * Whether it is one request too many while keys are exchanged. SSHD keeps the answers until that is done. RFC 4253 section 7.1
     * allows requests only until the client has heard of the exchange.
     */
    private boolean isExcessive(int type) {
        if (getKexState() == KexState.DONE) {
            requestsInKex = 0;
            return false;
        }
        return (type == SshConstants.SSH_MSG_GLOBAL_REQUEST
                        || type == SshConstants.SSH_MSG_CHANNEL_OPEN
                        || type == SshConstants.SSH_MSG_CHANNEL_REQUEST)
                && ++requestsInKex > MAX_REQUESTS_IN_KEX;
    }

    /**
     * A thread of the accounts takes over the login. Nothing else of the login is handled until {@link #resumeLogin}: SSHD would
     * drop the answer to the first request for a second one, while its verdict still says whose session it is. To be called by
     * the thread that handles the request.
     */
    void suspendLogin() {
        synchronized (login) {
            decisionPending = true;
        }
    }

    /** Gives the answer, and goes on with the login. */
    void resumeLogin(Runnable answer) {
        synchronized (login) {
            decisionPending = false;
            answer.run();
        }
    }

    /** SSHD takes every packet, its own keep-alives among them, for a sign that the client wants something. */
    @Override
    protected @Nullable TimeoutIndicator checkIdleTimeout(Instant now, Duration timeout) {
        Duration idle = Duration.between(lastRequest, now);
        return !isAuthenticated() || timeout.isZero() || idle.compareTo(timeout) <= 0
                ? null
                : new TimeoutIndicator(TimeoutIndicator.TimeoutStatus.IdleTimeout, timeout, idle);
    }

    /**
     * Called by SSHD every second. A client that is not read from is sent a message that means nothing now and then: if it has gone, its
     * system refuses that, and the next one fails to be written. The end of its stream would be behind what is not read.
     */
    @Override
    protected TimeoutIndicator checkForTimeouts() throws IOException {
        TimeoutIndicator timeout = super.checkForTimeouts();
        if (isOpen() && isAuthenticated() && SocketSession.of(this).needsProbe()) {
            if (++secondsWithoutIo % PROBE_INTERVAL_SECONDS == 0) {
                sendIgnoreMessage();
            }
        } else {
            secondsWithoutIo = 0;
        }
        return timeout;
    }

    /** Asks for an answer, or ends the session if there was none to the last questions. */
    private boolean keepAlive() throws IOException {
        if (unanswered.getAndIncrement() == MAX_UNANSWERED) {
            disconnect(SshConstants.SSH2_DISCONNECT_CONNECTION_LOST, "Keep-alives are not answered");
            close(true);
            return false;
        }
        Buffer question = createBuffer(SshConstants.SSH_MSG_GLOBAL_REQUEST);
        question.putString(KEEP_ALIVE);
        question.putBoolean(true);
        request(question, KEEP_ALIVE, (answer, content) -> {});
        return true;
    }

    /** Has SSHD send keep-alives that want an answer, as OpenSSH does; its own for servers want none. */
    public static final class KeepAlive implements ReservedSessionMessagesHandler {

        @Override
        public boolean sendReservedHeartbeat(ConnectionService service) throws IOException {
            return ((SshSession) service.getSession()).keepAlive();
        }
    }

    /** Makes them. */
    public static final class Factory extends SessionFactory {

        public Factory(ServerFactoryManager server) {
            super(server);
        }

        @Override
        protected ServerSessionImpl doCreateSession(IoSession connection) throws Exception {
            return new SshSession(getServer(), connection);
        }
    }
}
