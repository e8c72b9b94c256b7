package dev.mooring.sftp.internal;

import dev.mooring.share.Account;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.cipher.Cipher;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.kex.KexProposalOption;
import org.apache.sshd.server.ServerFactoryManager;
import org.apache.sshd.server.session.ServerSessionImpl;
import org.apache.sshd.server.session.SessionFactory;

/**
 * The session of one connection. It hears the client's proposal of algorithms before it makes its own (RFC 4253 section 7.1
 * lets both sides begin), because in SSH the client's order decides, and OpenSSH's begins with ChaCha20-Poly1305, which takes
 * Java two to three times as long as AES-GCM, for which the processor has instructions: to a client that has both, the
 * latter alone is offered.
 */
final class Session extends ServerSessionImpl {

    /** A client may wait for our proposal as we wait for its own. */
    private static final long PATIENCE_MILLIS = 500;

    /** Whose session it is, from the login on. */
    static final AttributeKey<Account> ACCOUNT = new AttributeKey<>();

    private boolean heard;
    private boolean proposed;

    private Session(ServerFactoryManager server, IoSession connection) throws Exception {
        super(server, connection);
    }

    @Override
    protected byte[] sendKexInit() throws Exception {
        synchronized (this) {
            if (!heard && !proposed) {
                getFactoryManager()
                        .getScheduledExecutorService()
                        .schedule(this::proposeUnheard, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                return new byte[0];
            }
            proposed = true;
        }
        return super.sendKexInit();
    }

    private void proposeUnheard() {
        try {
            synchronized (this) {
                if (proposed || !isOpen()) {
                    return;
                }
                proposed = true;
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
            heard = true;
            if (proposed) {
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

    /** Makes them. */
    static final class Factory extends SessionFactory {

        Factory(ServerFactoryManager server) {
            super(server);
        }

        @Override
        protected ServerSessionImpl doCreateSession(IoSession connection) throws Exception {
            return new Session(getServer(), connection);
        }
    }
}
