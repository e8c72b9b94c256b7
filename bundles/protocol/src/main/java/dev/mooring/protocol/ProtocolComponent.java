package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.protocol.internal.RunningServers;
import dev.mooring.share.Accounts;
import dev.mooring.share.Configuration;
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
 * The part of a server's component that is the same for every protocol: a {@link ConfiguredServer} in OSGi, with its sockets as they
 * come and go, its start and its end. A component inherits the references and the life cycle from here (bnd's option
 * {@code -dsannotations-options: inherit}).
 */
public abstract class ProtocolComponent {

    private final ConfiguredServer server;
    private @Nullable ServerRegistration published;

    /**
     * Makes the server, if the configuration is good.
     *
     * @param provider makes it
     * @param properties the configuration
     * @param share what is served
     * @param directory for what the server has to keep
     */
    protected ProtocolComponent(ServerProvider provider, Map<String, Object> properties, Share share, Path directory) {
        server = new ConfiguredServer(provider, new Configuration(provider.keys(), properties), share, directory);
    }

    /**
     * What is wired here.
     *
     * @return the server of the configuration
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
     * Serves on a socket no more.
     *
     * @param socket one that was added
     */
    public final void removeSocket(NamedSocket socket) {
        server.remove(socket);
    }

    /**
     * Says who may log in.
     *
     * @param accounts who
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
     * Lets nobody log in, unless others have taken their place.
     *
     * @param accounts what was set
     */
    public final void unsetAccounts(Accounts accounts) {
        server.withServer(each -> each.unsetAccounts(accounts));
    }

    /**
     * Lets accounts name a share.
     *
     * @param share any share that there is
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
     * Keeps accounts from naming a share.
     *
     * @param share one that was added
     */
    public final void removeShare(Share share) {
        server.withServer(each -> each.shares().remove(share));
    }

    /**
     * Comes after all sockets, and tells that there are no more.
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
     * Goes before the sockets.
     *
     * @param published what was set
     */
    public final void unsetAll(NamedSockets published) {
        server.unsetAll(published);
    }

    /** Begins to serve. */
    @Activate
    public final synchronized void start() {
        SocketServer made = server.server();
        if (made != null) {
            RunningServers.add(made, this::stop);
        }
        server.start();
        published = ServerRegistration.of(server.visible());
    }

    /**
     * Stops accepting at once, and lets transfers end, whatever happens to this bundle meanwhile. Waits for {@link #start} if that is under way;
     * does nothing the second time.
     */
    @Deactivate
    public final synchronized void stop() {
        ServerRegistration publication = published;
        server.stop(() -> ServerRegistration.loadClasses(getClass()), () -> ended(publication));
    }

    private void ended(@Nullable ServerRegistration publication) {
        server.withServer(RunningServers::remove);
        if (publication != null) {
            publication.end();
        }
    }
}
