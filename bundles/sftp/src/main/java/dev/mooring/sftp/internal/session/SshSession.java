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
import org.apache.sshd.common.Service;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
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
import org.apache.sshd.server.session.ServerUserAuthService;
import org.apache.sshd.server.session.ServerUserAuthServiceFactory;
import org.apache.sshd.server.session.SessionFactory;
import org.jspecify.annotations.Nullable;

/**
 * The SSH session of a connection. It waits for the client's proposal of algorithms before it sends its own (RFC 4253 section 7.1 allows
 * either side to begin). In SSH the order of the client decides, and OpenSSH prefers ChaCha20-Poly1305. In Java that takes two to three
 * times as long as AES-GCM, for which processors have instructions. To a client that supports both, the server offers only AES-GCM.
 */
public final class SshSession extends ServerSessionImpl {

    /** Limits the wait: a client may wait for the server's proposal in turn. */
    private static final long CLIENT_PROPOSAL_WAIT_MILLIS = 500;

    /** The account of the session, set by the login. */
    public static final AttributeKey<Account> ACCOUNT = new AttributeKey<>();

    private static final String KEEP_ALIVE = "keepalive@openssh.com";

    /** As OpenSSH's ClientAliveCountMax. */
    private static final int MAX_UNANSWERED = 3;

    private static final int MAX_REQUESTS_IN_KEX = 1000;

    /** How often the server probes a client that it neither reads from nor writes to. */
    private static final int PROBE_INTERVAL_SECONDS = 3;

    /** Guards the login: one request at a time, from its arrival to its answer. */
    private final Object login = new Object();

    /** Whether another thread is deciding on a login. Guarded by {@link #login}. */
    private boolean decisionPending;

    private final AtomicInteger unanswered = new AtomicInteger();
    private volatile Instant lastRequest = Instant.now();

    /** Requests in the current key exchange. Only the thread that handles messages uses this. */
    private int requestsInKex;

    /** Only the thread that checks timeouts uses this. */
    private int secondsWithoutIo;

    // Guarded by this object.

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
     * Sends a message that the client ignores (RFC 4253 section 11.2) after the client's {@code NEWKEYS}. Under Nagle's algorithm OpenSSH's
     * client sends its next message only after this system has acknowledged {@code NEWKEYS}, and an acknowledgement without data is delayed
     * by 40 ms.
     */
    @Override
    protected void handleNewKeys(int command, Buffer message) throws Exception {
        super.handleNewKeys(command, message);
        if (!isAuthenticated()) {
            sendIgnoreMessage();
        }
    }

    /** Every message shows that the client is alive, but not every message is a request. */
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
                        "Too many requests during a key exchange; finish it first");
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
                "A login is being checked; wait for the answer before the next request");
    }

    /**
     * Whether this is one request too many during a key exchange. SSHD keeps the answers until the exchange is finished. RFC 4253 section
     * 7.1 allows requests only until the client has received the server's proposal.
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
     * Keeps the service for logins when a client requests it again, as paramiko does before each attempt: a new service would count the
     * attempts from the beginning. SSHD ignores the case of the name, so this method does too.
     *
     * <p>Ends the session when a client requests a service after the login. SSHD would make a second service for the connection, and the limit of channels does
     * not count the channels of that one.
     */
    @Override
    public void startService(String name, Buffer request) throws Exception {
        Service current = currentService.getService();
        if (current instanceof ConnectionService) {
            throw new SshException(SshConstants.SSH2_DISCONNECT_PROTOCOL_ERROR, "The service has begun");
        }
        boolean repeated = name.equalsIgnoreCase(ServerUserAuthServiceFactory.DEFAULT_NAME)
                && current instanceof ServerUserAuthService;
        if (!repeated || isAuthenticated()) {
            super.startService(name, request);
        }
    }

    /** The time for the login begins with the connection. SSHD would begin it again with the service for logins. */
    @Override
    public Instant resetAuthTimeout() {
        return getAuthTimeoutStart();
    }

    /**
     * Suspends the login while another thread decides on it. Until {@link #resumeLogin} no other login message is handled: for a second
     * request SSHD would drop the answer to the first, although its verdict still sets the account of the session. Called by the thread
     * that handles the request.
     */
    void suspendLogin() {
        synchronized (login) {
            decisionPending = true;
        }
    }

    /** Answers, and continues the login. */
    void resumeLogin(Runnable answer) {
        synchronized (login) {
            decisionPending = false;
            answer.run();
        }
    }

    /** SSHD treats every packet, including answers to its own keep-alives, as activity. */
    @Override
    protected @Nullable TimeoutIndicator checkIdleTimeout(Instant now, Duration timeout) {
        Duration idle = Duration.between(lastRequest, now);
        return !isAuthenticated() || timeout.isZero() || idle.compareTo(timeout) <= 0
                ? null
                : new TimeoutIndicator(TimeoutIndicator.TimeoutStatus.IdleTimeout, timeout, idle);
    }

    /**
     * SSHD calls this every second. If the server has stopped reading from a client, it sends it an ignored message now and then. If the
     * client has disconnected, its system rejects that message, and the next write fails. The end of the stream itself would stay behind
     * the data that the server does not read.
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

    /** Sends a keep-alive, or ends the session if the last ones had no answer. */
    private boolean keepAlive() throws IOException {
        if (unanswered.getAndIncrement() == MAX_UNANSWERED) {
            disconnect(SshConstants.SSH2_DISCONNECT_CONNECTION_LOST, "Keep-alives were not answered");
            close(true);
            return false;
        }
        Buffer question = createBuffer(SshConstants.SSH_MSG_GLOBAL_REQUEST);
        question.putString(KEEP_ALIVE);
        question.putBoolean(true);
        request(question, KEEP_ALIVE, (answer, content) -> {});
        return true;
    }

    /** Makes SSHD send keep-alives that ask for an answer, as OpenSSH does. Those of its own server do not. */
    public static final class KeepAlive implements ReservedSessionMessagesHandler {

        @Override
        public boolean sendReservedHeartbeat(ConnectionService service) throws IOException {
            return ((SshSession) service.getSession()).keepAlive();
        }
    }

    /** Makes the sessions. */
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
