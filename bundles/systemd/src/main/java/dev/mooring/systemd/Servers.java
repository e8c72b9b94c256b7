package dev.mooring.systemd;

import dev.mooring.activation.NamedSockets;
import dev.mooring.protocol.ProtocolServer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/** The servers of this process, in OSGi or without it. Implementations are safe for use by several threads. */
@ConsumerType
public interface Servers {

    /**
     * The sockets of this process.
     *
     * @return all of them; {@code null} until they are known
     */
    @Nullable
    NamedSockets sockets();

    /**
     * The servers.
     *
     * @return all servers, including those that drain or cannot serve
     */
    List<ProtocolServer> all();

    /**
     * Whether the idle exit is inhibited.
     *
     * @return {@code true} if an {@link dev.mooring.activation.IdleInhibitor} is busy
     */
    boolean inhibited();

    /** Makes every server stop accepting. Existing connections continue. Nothing is accepted after this returns. */
    void suspend();

    /** Makes every server accept again. */
    void resume();

    /** Starts draining every server. Returns at once. */
    void drain();
}
