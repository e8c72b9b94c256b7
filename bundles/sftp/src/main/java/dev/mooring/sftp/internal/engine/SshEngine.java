package dev.mooring.sftp.internal.engine;

import dev.mooring.accounts.Accounts;
import dev.mooring.common.ClientText;
import dev.mooring.protocol.ClientConnection;
import dev.mooring.protocol.Engine;
import dev.mooring.protocol.LibraryLog;
import dev.mooring.protocol.ServedShares;
import dev.mooring.protocol.ServerMetrics;
import dev.mooring.sftp.SftpSettings;
import dev.mooring.sftp.internal.channel.SftpChannelFactory;
import dev.mooring.sftp.internal.command.Commands;
import dev.mooring.sftp.internal.crypto.Algorithms;
import dev.mooring.sftp.internal.crypto.Ed25519;
import dev.mooring.sftp.internal.crypto.HostKeys;
import dev.mooring.sftp.internal.files.HandleLimit;
import dev.mooring.sftp.internal.files.SftpFiles;
import dev.mooring.sftp.internal.session.Accounting;
import dev.mooring.sftp.internal.session.Login;
import dev.mooring.sftp.internal.session.SessionChannel;
import dev.mooring.sftp.internal.session.SessionLog;
import dev.mooring.sftp.internal.session.SshSession;
import dev.mooring.sftp.internal.transport.Acceptor;
import dev.mooring.sftp.internal.transport.AcceptorFactory;
import dev.mooring.sftp.internal.transport.Poller;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.ChannelListener;
import org.apache.sshd.common.global.KeepAliveHandler;
import org.apache.sshd.common.session.SessionHeartbeatController.HeartbeatType;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.session.helpers.AbstractSession;
import org.apache.sshd.common.util.EventListenerUtils;
import org.apache.sshd.common.util.SshdEventListener;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.scp.common.ScpTransferEventListener;
import org.apache.sshd.server.ServerBuilder;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.server.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.server.global.NoMoreSessionsHandler;
import org.apache.sshd.sftp.SftpModuleProperties;
import org.apache.sshd.sftp.server.SftpEventListener;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;

/** SSHD, reduced to what a file server needs: no shell, no forwarding, no agent. */
public final class SshEngine implements Engine {

    private static final int MAX_DIRECTORY_REPLY = 32 * 1024;
    private static final int MAX_LOGIN_ATTEMPTS = 12;
    private static final long REKEY_BYTES = 1L << 30;
    private static final int UNUSED_PORT = 22;
    private static final Duration IDLE_TIME = Duration.ofSeconds(2);
    private static final Duration GOODBYE_TIMEOUT = Duration.ofSeconds(2);

    static {
        SshdLoggers.silence();
        Ed25519.register();
    }

    private final LibraryLog log = LibraryLog.guard(SshdLoggers.names());
    private final SshServer server;
    private final Poller poller;
    private final Acceptor acceptor;
    private final ExecutorService threads;
    private final Commands commands;
    private final HostKeys keys;

    /**
     * Builds and starts the engine.
     *
     * @throws IOException if no descriptor is left for the selector
     */
    public SshEngine(String name, ServedShares shares, Accounts accounts, ServerMetrics metrics, SftpSettings settings)
            throws IOException {
        poller = new Poller(name);
        try {
            threads = threads(name);
            server = ServerBuilder.builder()
                    .keyExchangeFactories(Algorithms.keyExchanges())
                    .cipherFactories(Algorithms.ciphers())
                    .macFactories(Algorithms.macs())
                    .compressionFactories(Algorithms.compressions())
                    .signatureFactories(Algorithms.signatures())
                    .channelFactories(List.of(new SessionChannel.Factory(settings.maxChannels())))
                    .globalRequestHandlers(List.of(KeepAliveHandler.INSTANCE, NoMoreSessionsHandler.INSTANCE))
                    .build();
            AcceptorFactory transport = new AcceptorFactory(server, threads);
            server.setIoServiceFactoryFactory(transport.asFactory());
            server.setSessionFactory(new SshSession.Factory(server));
            server.setPort(UNUSED_PORT);
            keys = new HostKeys(name, settings.hostKeyDirectory(), settings.hostKeys());
            server.setKeyPairProvider(keys);
            SessionLog sessions = new SessionLog(name);
            Login login = new Login(name, accounts, shares);
            server.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE, UserAuthPasswordFactory.INSTANCE));
            server.setPublickeyAuthenticator(login::publicKey);
            server.setPasswordAuthenticator(login::password);
            server.setKeyboardInteractiveAuthenticator(null);
            server.setFileSystemFactory(login);
            Accounting accounting = new Accounting(metrics);
            commands = new Commands(name, sessions, accounting, settings.uploadsInPlace());
            server.setSubsystemFactories(List.of(new SftpChannelFactory(
                    name,
                    sessions,
                    accounting,
                    threads,
                    new Semaphore(Poller.THREAD_COUNT / 2),
                    settings.uploadsInPlace())));
            server.setCommandFactory(commands);
            server.addSessionListener(accounting);
            server.addSessionListener(sessions);
            server.setSessionDisconnectHandler(sessions);
            configure(settings);
            server.start();
            acceptor = transport.acceptor();
        } catch (IOException | RuntimeException | LinkageError e) {
            log.close();
            poller.close();
            throw e;
        }
    }

    /**
     * Prepares the slow parts that all engines use: the security providers, when this class is initialised, the proxies that the JDK
     * generates for listeners, and the list of algorithms.
     */
    public static void warmUp() {
        for (Class<? extends SshdEventListener> each : List.of(
                SessionListener.class,
                ChannelListener.class,
                SftpEventListener.class,
                ScpTransferEventListener.class)) {
            EventListenerUtils.proxyWrapper(each, List.of());
        }
        Algorithms.keyExchanges();
    }

    private void configure(SftpSettings settings) {
        CoreModuleProperties.SERVER_IDENTIFICATION.set(server, "Mooring");
        CoreModuleProperties.AUTH_METHODS.set(server, settings.authentication().trim());
        CoreModuleProperties.AUTH_TIMEOUT.set(server, settings.loginTimeout());
        CoreModuleProperties.IDLE_TIMEOUT.set(server, settings.idleTimeout());
        CoreModuleProperties.MAX_AUTH_REQUESTS.set(server, MAX_LOGIN_ATTEMPTS);
        CoreModuleProperties.REKEY_BYTES_LIMIT.set(server, REKEY_BYTES);
        if (!settings.keepAlive().isZero()) {
            server.setReservedSessionMessagesHandler(new SshSession.KeepAlive());
            server.setSessionHeartbeat(HeartbeatType.RESERVED, settings.keepAlive());
        }
        SftpModuleProperties.MAX_READDATA_PACKET_LENGTH.set(server, SftpFiles.MAX_DATA);
        SftpModuleProperties.MAX_WRITEDATA_PACKET_LENGTH.set(server, SftpFiles.MAX_DATA);
        SftpModuleProperties.MAX_OPEN_HANDLES_PER_SESSION.set(server, HandleLimit.MAX_PER_CONNECTION);
        SftpModuleProperties.MAX_READDIR_DATA_SIZE.set(server, MAX_DIRECTORY_REPLY);
        // A client that wants its file on disk sends fsync@openssh.com.
        server.getProperties().put(SftpFileSystemAccessor.PROP_AUTO_SYNC_FILE_ON_CLOSE, false);
    }

    /** A pool without idle threads. {@code Workers} limits their number. */
    private static ExecutorService threads(String name) {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> new Thread(task, name + "-" + number.incrementAndGet()));
    }

    @Override
    public void serve(ClientConnection connection) {
        try {
            poller.execute(() -> acceptor.serve(connection, poller));
        } catch (RejectedExecutionException e) {
            connection.close(); // the server is stopping
        }
    }

    /** Lines before the identification are for people (RFC 4253 section 4.2). */
    @Override
    public byte[] refusal(String reason) {
        return ("Too many connections: " + reason + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Disconnects idle clients. */
    @Override
    public void dismissIdle() {
        Instant recently = Instant.now().minus(IDLE_TIME);
        for (AbstractSession session : server.getActiveSessions()) {
            if (!Accounting.isBusy(session) && session.getIdleTimeoutStart().isBefore(recently)) {
                dismiss(session);
            }
        }
    }

    private static void dismiss(AbstractSession session) {
        try {
            session.disconnect(
                    SshConstants.SSH2_DISCONNECT_BY_APPLICATION, "The server is stopping; please connect again");
        } catch (IOException e) {
            SshdLoggers.SSHD.log(Level.FINE, "The client has disconnected already", ClientText.trace(e));
        }
    }

    /** Tells every client that the server is stopping, and closes the connections. */
    @Override
    public void close() {
        try {
            server.getActiveSessions().forEach(SshEngine::dismiss);
            server.close(false).await(GOODBYE_TIMEOUT);
            server.stop(true);
        } catch (IOException e) {
            SshdLoggers.SSHD.log(
                    Level.WARNING, "SSHD failed to stop; its connections are closed anyway", ClientText.trace(e));
        } finally {
            keys.close();
            threads.shutdownNow();
            commands.close();
            poller.close();
            log.close();
        }
    }
}
