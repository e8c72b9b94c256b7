package dev.mooring.standalone;

import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.OwnedAccounts;
import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.common.Configuration;
import dev.mooring.protocol.ConfiguredServer;
import dev.mooring.protocol.DataSockets;
import dev.mooring.protocol.ProtocolServer;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.protocol.SocketServer;
import dev.mooring.protocol.UnservedServer;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Share;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A configured server, the counterpart of a component in OSGi: it runs the server while the services exist that the server needs. It uses one
 * matching share as long as that matches, the first matching accounts, and all matching sockets. Used under the lock of its {@link Wiring}.
 */
final class ServerBinding {

    private final ServerProvider provider;
    private final Configuration configuration;
    private final Path directory;
    private final Collection<ProtocolServer> running;
    private final Logger log;
    private final Target socketTarget;
    private final Target dataTarget;
    private final Target shareTarget;
    private final Target accountsTarget;

    private @Nullable ConfiguredServer server;
    private @Nullable OwnedShare share;
    private @Nullable Accounts accounts;
    private List<NamedSocket> sockets = List.of();
    private List<NamedSocket> data = List.of();
    private List<Share> shares = List.of();
    private @Nullable UnservedServer waiting;

    /** The services that servers can use at this moment; without {@code all}, missing sockets are not reported. */
    record AvailableServices(
            @Nullable NamedSockets all,
            List<Candidate<NamedSocket>> sockets,
            Collection<Candidate<OwnedShare>> shares,
            Collection<Candidate<OwnedAccounts>> accounts) {}

    /**
     * Reads the filters of a configuration.
     *
     * @param directory where the server keeps its state
     * @param running contains a server from its start until it has drained
     * @throws IllegalArgumentException if a filter is invalid
     */
    ServerBinding(
            ServerProvider provider, Map<String, ?> properties, Path directory, Collection<ProtocolServer> running) {
        this.provider = provider;
        this.directory = directory;
        this.running = running;
        log = System.getLogger(provider.pid());
        configuration = new Configuration(provider.keys(), properties);
        socketTarget = target(configuration, "sockets.target");
        shareTarget = target(configuration, "share.target");
        accountsTarget = target(configuration, "accounts.target");
        dataTarget = configuration.has("data.target") ? target(configuration, "data.target") : none -> false;
    }

    private static Target target(Configuration configuration, String key) {
        return Target.of(key, configuration.text(key));
    }

    /** Whether a socket matches a filter of this server. */
    boolean wants(Candidate<NamedSocket> socket) {
        return socketTarget.matches(socket.properties()) || dataTarget.matches(socket.properties());
    }

    /**
     * Passes the available services to the server. Starts it if all services exist that it needs; otherwise drains it. If the share has changed, a new
     * server replaces it.
     *
     * @return whether a server was started
     */
    boolean tie(AvailableServices offer) {
        OwnedShare nextShare = choose(offer.shares(), shareTarget, share);
        Accounts nextAccounts = choose(offer.accounts(), accountsTarget, null);
        if (nextShare == null || nextShare != share || nextAccounts == null && provider.needsAccounts()) {
            drain();
        }
        if (nextShare == null) {
            waitFor(
                    "a share by the filter " + configuration.text("share.target"),
                    "the names that there are: " + names(offer.shares())
                            + ". Configure dev.mooring.share-NAME.cfg, or correct share.target");
            return false;
        }
        if (nextAccounts == null && provider.needsAccounts()) {
            waitFor(
                    "accounts by the filter " + configuration.text("accounts.target"),
                    "the names that there are: "
                            + offer.accounts().stream()
                                    .map(each -> each.what().name())
                                    .toList()
                            + ". Configure dev.mooring.accounts-NAME.cfg, or correct accounts.target");
            return false;
        }
        ConfiguredServer made = server;
        boolean isNew = made == null;
        if (made == null) {
            made = new ConfiguredServer(provider, configuration, nextShare, directory);
            server = made;
            share = nextShare;
        }
        show(null);
        SocketServer itself = made.server();
        if (itself != null) {
            tieAccounts(itself, nextAccounts);
            List<Share> all = new ArrayList<>();
            offer.shares().forEach(each -> all.add(each.what()));
            follow(shares, all, itself.shares()::add, itself.shares()::remove);
            shares = all;
            if (itself instanceof DataSockets lent) {
                List<NamedSocket> matching = matching(offer.sockets(), dataTarget);
                follow(data, matching, lent::addData, lent::removeData);
                data = matching;
            }
        }
        List<NamedSocket> matching = matching(offer.sockets(), socketTarget);
        follow(sockets, matching, made::add, made::remove);
        sockets = matching;
        if (offer.all() != null) {
            made.setAll(offer.all());
        }
        if (isNew) {
            running.add(made.visible());
            made.start();
        }
        return isNew;
    }

    private void tieAccounts(SocketServer itself, @Nullable Accounts next) {
        Accounts before = accounts;
        accounts = next;
        if (next != null && next != before) {
            itself.setAccounts(next);
        }
        if (before != null && next != before) {
            itself.unsetAccounts(before);
        }
    }

    /** Drains the server, if there is one, and ends the binding. */
    void stop() {
        show(null);
        drain();
    }

    /** The same when the process ends. */
    void end() {
        if (server != null) {
            server.withServer(SocketServer::keepDataSockets);
        }
        stop();
    }

    /** Starts draining the server, if there is one. */
    private void drain() {
        ConfiguredServer stopped = server;
        if (stopped == null) {
            return;
        }
        server = null;
        share = null;
        accounts = null;
        sockets = List.of();
        data = List.of();
        shares = List.of();
        if (stopped.server() == null) {
            running.remove(stopped.visible());
        }
        stopped.stop(() -> {}, () -> running.remove(stopped.visible()));
    }

    /** The previous choice if it still matches, else the first match. */
    private static <T> @Nullable T choose(Collection<Candidate<T>> candidates, Target target, @Nullable Object before) {
        T first = null;
        for (Candidate<T> candidate : candidates) {
            if (target.matches(candidate.properties())) {
                if (candidate.what() == before) {
                    return candidate.what();
                }
                first = first == null ? candidate.what() : first;
            }
        }
        return first;
    }

    private static List<NamedSocket> matching(List<Candidate<NamedSocket>> sockets, Target target) {
        List<NamedSocket> matching = new ArrayList<>();
        for (Candidate<NamedSocket> socket : sockets) {
            if (target.matches(socket.properties())) {
                matching.add(socket.what());
            }
        }
        return matching;
    }

    private static <T> void follow(List<T> before, List<T> now, Consumer<T> add, Consumer<T> remove) {
        for (T each : before) {
            if (!now.contains(each)) {
                remove.accept(each);
            }
        }
        for (T each : now) {
            if (!before.contains(each)) {
                add.accept(each);
            }
        }
    }

    private void waitFor(String what, String remedy) {
        String problem = "waits for " + what;
        if (waiting == null || !problem.equals(waiting.problem())) {
            log.log(
                    Level.WARNING,
                    configuration.pid() + " serves nobody: it " + problem + "; " + remedy
                            + ". Until then connections wait in the queue of the socket");
            show(UnservedServer.ofConfiguration(configuration.pid(), problem));
        }
    }

    private void show(@Nullable UnservedServer next) {
        if (waiting != null) {
            running.remove(waiting);
        }
        if (next != null) {
            running.add(next);
        }
        waiting = next;
    }

    private static List<String> names(Collection<Candidate<OwnedShare>> shares) {
        return shares.stream().map(each -> each.what().name()).toList();
    }
}
