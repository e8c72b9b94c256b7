package dev.mooring.sftp.internal;

import dev.mooring.share.Account;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.server.ServerFactoryManager;
import org.apache.sshd.server.session.ServerSessionImpl;
import org.apache.sshd.server.session.SessionFactory;

/** The session of one connection. */
final class Session extends ServerSessionImpl {

    /** Whose session it is, from the login on. */
    static final AttributeKey<Account> ACCOUNT = new AttributeKey<>();

    private Session(ServerFactoryManager server, IoSession connection) throws Exception {
        super(server, connection);
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
