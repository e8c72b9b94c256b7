package dev.mooring.systemd;

import dev.mooring.activation.NamedSockets;
import dev.mooring.protocol.ProtocolServer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/** The servers of this process, whatever runs them. Implementations are safe for use by several threads. */
@ConsumerType
public interface Servers {

    /**
     * The sockets of this process.
     *
     * @return all of them, {@code null} as long as it is not known which there are
     */
    @Nullable
    NamedSockets sockets();

    /**
     * What serves.
     *
     * @return the servers that there are, those that are draining among them
     */
    List<ProtocolServer> all();

    /**
     * Whether somebody forbids the process to end.
     *
     * @return {@code true} if an {@link dev.mooring.activation.IdleInhibitor} is busy
     */
    boolean inhibited();

    /** Makes every server stop to accept, and go on with the connections that it has. Nothing is accepted after this returns. */
    void suspend();

    /** Makes every server accept again. */
    void resume();

    /** Makes every server drain: they stop to accept, and come to their end by themselves. Returns at once. */
    void drain();
}
