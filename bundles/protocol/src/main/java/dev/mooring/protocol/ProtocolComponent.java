package dev.mooring.protocol;

import dev.mooring.accounts.Accounts;
import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.common.Configuration;
import dev.mooring.protocol.internal.RunningServers;
import dev.mooring.protocol.internal.ServerRegistration;
import dev.mooring.share.Share;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * The common part of the components of all protocols. It starts and stops a {@link ConfiguredServer} in OSGi, and passes it the sockets, accounts and
 * shares. A component inherits the references and the life cycle (bnd's option {@code -dsannotations-options: inherit}).
 */
public abstract class ProtocolComponent {

    private final ConfiguredServer server;

    /** Guarded by this, as are the fields below. */
    private @Nullable ServerRegistration published;

    private @Nullable Takeover takeover;

    private boolean serves;

    private boolean stopped;

    private boolean replaced;

    /**
     * Makes the server, if the configuration is valid.
     *
     * @param provider makes it
     * @param properties the configuration
     * @param share the tree that is served
     * @param directory where the server keeps its state
     */
    protected ProtocolComponent(ServerProvider provider, Map<String, Object> properties, Share share, Path directory) {
        server = new ConfiguredServer(provider, new Configuration(provider.keys(), properties), share, directory);
    }

    /**
     * The server of the configuration.
     *
     * @return the server, which may have a problem
     */
    protected final ConfiguredServer server() {
        return server;
    }

    /**
     * Serves on a socket.
     *
     * @param socket one that the filter matches
     */
    @Reference(
            name = "sockets",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    public final void addSocket(NamedSocket socket) {
        server.add(socket);
    }

    /**
     * Stops serving on a socket.
     *
     * @param socket one that was added
     */
    public final void removeSocket(NamedSocket socket) {
        server.remove(socket);
    }

    /**
     * Sets the accounts that may log in.
     *
     * @param accounts the accounts
     */
    @Reference(
            name = "accounts",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    public final void setAccounts(Accounts accounts) {
        server.withServer(each -> each.setAccounts(accounts));
    }

    /**
     * Removes the accounts, unless others have been set since or the server drains.
     *
     * @param accounts the accounts that were set
     */
    public final void unsetAccounts(Accounts accounts) {
        server.withServer(each -> each.unsetAccounts(accounts));
    }

    /**
     * Adds a share that accounts may name.
     *
     * @param share any share
     */
    @Reference(
            name = "shares",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    public final void addShare(Share share) {
        server.withServer(each -> each.shares().add(share));
    }

    /**
     * Removes a share.
     *
     * @param share a share that was added
     */
    public final void removeShare(Share share) {
        server.withServer(each -> each.shares().remove(share));
    }

    /**
     * Reports that all sockets are known. Declarative Services call this after {@link #addSocket}.
     *
     * @param published all sockets
     */
    @Reference(
            name = "all",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    public final void setAll(NamedSockets published) {
        server.setAll(published);
    }

    /**
     * Reports that the sockets are about to be removed. Declarative Services call this before {@link #removeSocket}.
     *
     * @param published the sockets that were set
     */
    public final void unsetAll(NamedSockets published) {
        server.unsetAll(published);
    }

    /**
     * Starts serving. If a server of the same name, in another bundle, is serving, it continues until this one has made and rehearsed its engine.
     */
    @Activate
    public final synchronized void start() {
        ProtocolServer predecessor = RunningServers.find(server.visible().name());
        server.withServer(made -> RunningServers.add(made, owner(), this::stop, this::replaced));
        if (predecessor == null) {
            serve(() -> {});
        } else {
            takeover = new Takeover(this, predecessor);
            takeover.begin();
        }
    }

    /** The bundle of this component; {@code null} if there is no framework. */
    @Nullable
    Object owner() {
        return ServerRegistration.bundle(getClass());
    }

    /**
     * Starts accepting, unless the component was stopped.
     *
     * @param first called first, unless the component was stopped
     * @return whether the server accepts
     */
    final synchronized boolean serve(Runnable first) {
        if (!stopped) {
            first.run();
            server.start();
            serves = true;
            published = ServerRegistration.of(server.visible(), getClass());
        }
        return !stopped;
    }

    final synchronized boolean isStopped() {
        return stopped;
    }

    /**
     * Stops the server, unless another has replaced it: its sessions then continue.
     */
    @Deactivate
    public final void deactivate() {
        if (!isReplaced()) {
            stop();
        }
    }

    private synchronized boolean isReplaced() {
        return replaced;
    }

    /**
     * Stops accepting at once, and lets transfers finish, even if this bundle is updated meanwhile. The same applies to the servers of the same name that this
     * one, and others before it, have replaced. Waits for {@link #start} if that is in progress. Further calls do nothing.
     */
    final void stop() {
        Takeover begun;
        boolean last;
        synchronized (this) {
            last = serves && !stopped;
            stopped = true;
            begun = takeover;
            ServerRegistration publication = published;
            if (ServerRegistration.frameworkStops()) {
                server.withServer(SocketServer::keepDataSockets);
            }
            server.stop(this::loadClasses, () -> ended(publication));
            if (publication != null) {
                publication.drains();
            }
        }
        if (last) {
            RunningServers.stopReplaced(server.visible());
        }
        if (begun != null) {
            begun.awaitEnd();
        }
    }

    /** Stops accepting at once, and lets sessions and transfers continue, after another server has taken over. Does nothing if the server was stopped. */
    private synchronized void replaced() {
        if (!stopped) {
            stopped = true;
            replaced = true;
            ServerRegistration publication = published;
            server.replaced(this::loadClasses, () -> ended(publication));
            if (publication != null) {
                publication.drains();
            }
        }
    }

    private void loadClasses() {
        ServerRegistration.loadClasses(getClass());
    }

    private void ended(@Nullable ServerRegistration publication) {
        server.withServer(RunningServers::remove);
        if (publication != null) {
            publication.end();
        }
    }
}
