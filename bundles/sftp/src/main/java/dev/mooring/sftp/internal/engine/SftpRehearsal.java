package dev.mooring.sftp.internal.engine;

import dev.mooring.protocol.Rehearsal;
import dev.mooring.sftp.internal.crypto.Algorithms;
import dev.mooring.sftp.internal.transport.Poller;
import dev.mooring.sftp.internal.transport.RehearsalConnector;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.client.session.ClientSession.ClientSessionEvent;
import org.apache.sshd.common.io.IoConnector;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClientFactory;

/** Uses a server that is going to replace another: logs in, and reads, writes and lists files. */
public final class SftpRehearsal {

    private static final int SESSIONS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** SSHD wants an IP address, but the connector connects to the server of the rehearsal. */
    private static final SocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 22);

    private final Rehearsal rehearsal;
    private final boolean login;

    /**
     * Prepares the sessions.
     *
     * @param login whether a password is enough to log in; if not, the rehearsal ends after the key exchange
     */
    public SftpRehearsal(Rehearsal rehearsal, boolean login) {
        this.rehearsal = rehearsal;
        this.login = login;
    }

    /**
     * Carries out the sessions.
     *
     * @throws IOException if the server does not do what is asked of it
     */
    public void run() throws IOException {
        try (Poller poller = new Poller("rehearsal");
                SshClient client = client(poller)) {
            client.start();
            for (int i = 0; i < SESSIONS && rehearsal.goesOn(); i++) {
                try (ClientSession session = client.connect(rehearsal.user(), ANY, null, null)
                        .verify(PATIENCE)
                        .getSession()) {
                    if (login) {
                        session.addPasswordIdentity(rehearsal.password());
                        session.auth().verify(PATIENCE);
                        use(session);
                    } else if (!session.waitFor(
                                    List.of(ClientSessionEvent.WAIT_AUTH, ClientSessionEvent.CLOSED), PATIENCE)
                            .contains(ClientSessionEvent.WAIT_AUTH)) {
                        throw new IOException("the key exchange failed in the rehearsal");
                    }
                }
            }
        }
    }

    private SshClient client(Poller poller) {
        SshClient client = ClientBuilder.builder()
                .factory(() -> new SshClient() {
                    @Override
                    protected IoConnector createConnector() {
                        return new RehearsalConnector(rehearsal, getSessionFactory(), poller);
                    }
                })
                .cipherFactories(Algorithms.ciphers())
                .macFactories(Algorithms.macs())
                .signatureFactories(Algorithms.signatures())
                .serverKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE)
                .hostConfigEntryResolver(HostConfigEntryResolver.EMPTY)
                .build();
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        client.setUserAuthFactories(List.of(UserAuthPasswordFactory.INSTANCE));
        return client;
    }

    private static void use(ClientSession session) throws IOException {
        try (SftpClient sftp = SftpClientFactory.instance().createSftpClient(session)) {
            byte[] small;
            try (InputStream in = sftp.read(Rehearsal.SMALL)) {
                small = in.readAllBytes();
            }
            if (small.length != Rehearsal.SMALL_SIZE) {
                throw new IOException("a file was not sent correctly in the rehearsal");
            }
            for (SftpClient.DirEntry each : sftp.readDir("/")) {
                sftp.lstat("/" + each.getFilename());
            }
            try (OutputStream out = sftp.write("new.part")) {
                out.write(small);
            }
            sftp.rename("new.part", "new");
            sftp.remove("new");
        }
    }
}
