package dev.mooring.sftp.internal.channel;

import dev.mooring.sftp.internal.files.ErrorStatus;
import dev.mooring.sftp.internal.files.ShareAccessor;
import dev.mooring.sftp.internal.session.SessionLog;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import org.apache.sshd.common.util.threads.NoCloseExecutor;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.sftp.server.SftpEventListener;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.apache.sshd.sftp.server.UnsupportedAttributePolicy;

/** Makes the SFTP channels of a server, and holds their common objects. */
public final class SftpChannelFactory extends SftpSubsystemFactory {

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
    private static final int MAX_THREADS = Math.max(16, 4 * PROCESSORS);
    private static final int MAX_LONG_THREADS = Math.max(4, PROCESSORS);

    final String name;
    final SessionLog log;
    private final SftpEventListener accounting;
    final Workers workers;

    /** Run the requests that take as long as the client wants, a step at a time. The others never wait for them. */
    final Workers longWorkers;

    final Semaphore inlinePermits;
    final boolean uploadsInPlace;

    /**
     * Makes the factory of a server.
     *
     * @param name the name of the server
     * @param log the log of the server
     * @param accounting counts and logs the transfers
     * @param threads run the requests that may take long
     * @param inlinePermits limits the threads of the transport that answer requests themselves
     * @param uploadsInPlace whether other clients see an upload before it is complete
     */
    public SftpChannelFactory(
            String name,
            SessionLog log,
            SftpEventListener accounting,
            ExecutorService threads,
            Semaphore inlinePermits,
            boolean uploadsInPlace) {
        this.name = name;
        this.log = log;
        this.accounting = accounting;
        this.workers = new Workers(threads, MAX_THREADS);
        this.longWorkers = new Workers(threads, MAX_LONG_THREADS);
        this.inlinePermits = inlinePermits;
        this.uploadsInPlace = uploadsInPlace;
        // A channel shuts down the executor that it gets.
        setExecutorServiceProvider(() -> new NoCloseExecutor(threads));
        setUnsupportedAttributePolicy(UnsupportedAttributePolicy.ThrowException);
        setErrorStatusDataHandler(new ErrorStatus());
        setFileSystemAccessor(new ShareAccessor());
    }

    @Override
    public Command createSubsystem(ChannelSession channel) {
        SftpChannel subsystem = new SftpChannel(channel, this);
        subsystem.addSftpEventListener(accounting);
        return subsystem;
    }
}
