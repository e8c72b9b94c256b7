package dev.mooring.sftp.internal.transport;

import java.util.concurrent.ExecutorService;
import org.apache.sshd.common.Factory;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.io.AbstractIoServiceFactory;
import org.apache.sshd.common.io.IoAcceptor;
import org.apache.sshd.common.io.IoConnector;
import org.apache.sshd.common.io.IoHandler;
import org.apache.sshd.common.io.IoServiceFactory;
import org.apache.sshd.common.io.IoServiceFactoryFactory;
import org.apache.sshd.common.util.threads.CloseableExecutorService;
import org.apache.sshd.common.util.threads.NoCloseExecutor;
import org.jspecify.annotations.Nullable;

/** Gives SSHD its only acceptor. SSHD's own NIO.2 factory would start threads of its own. */
public final class AcceptorFactory extends AbstractIoServiceFactory {

    private @Nullable Acceptor acceptor;

    public AcceptorFactory(FactoryManager manager, ExecutorService workers) {
        super(manager, new NoCloseExecutor(workers));
    }

    public IoServiceFactoryFactory asFactory() {
        return new IoServiceFactoryFactory() {
            @Override
            public IoServiceFactory create(FactoryManager manager) {
                return AcceptorFactory.this;
            }

            @Override
            public void setExecutorServiceFactory(Factory<CloseableExecutorService> factory) {
                throw new UnsupportedOperationException("The engine provides the threads");
            }
        };
    }

    @Override
    public IoConnector createConnector(IoHandler handler) {
        throw new UnsupportedOperationException("A server does not connect to others");
    }

    @Override
    public IoAcceptor createAcceptor(IoHandler handler) {
        acceptor = autowireCreatedService(new Acceptor(handler));
        return acceptor;
    }

    public Acceptor acceptor() {
        if (acceptor == null) {
            throw new IllegalStateException("SSHD has not been started");
        }
        return acceptor;
    }
}
