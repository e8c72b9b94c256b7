package dev.mooring.standalone;

import dev.mooring.accounts.AccountFiles;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.OwnedAccounts;
import dev.mooring.activation.IdleInhibitor;
import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.protocol.ProtocolServer;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.protocol.UnservedServer;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Share;
import dev.mooring.share.Shares;
import dev.mooring.standalone.ConfigurationDirectory.Changes;
import dev.mooring.systemd.Inhibitors;
import dev.mooring.systemd.Servers;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes shares, accounts and servers from configurations, and connects them by their filters, as Declarative Services do in OSGi. Instances are safe
 * for use by several threads.
 */
final class Wiring implements Servers {

    private static final Logger LOG = System.getLogger("dev.mooring.standalone");

    private final Path cache;
    private final Map<String, ServerProvider> providers = new HashMap<>();
    private final Map<String, Candidate<OwnedShare>> shares = new LinkedHashMap<>();
    private final Map<String, Candidate<OwnedAccounts>> accounts = new LinkedHashMap<>();
    private final Map<String, ServerBinding> bindings = new LinkedHashMap<>();
    private final Map<String, ProtocolServer> unusable = new HashMap<>();
    private final Map<String, ProtocolServer> unread = new HashMap<>();
    private Map<String, String> unreadProblems = Map.of();
    private final List<ProtocolServer> running = new CopyOnWriteArrayList<>();
    private final Runnable changed;
    private final Inhibitors asked = new Inhibitors();

    /** Loaded by the first check for the idle exit. Used by one thread. */
    private @Nullable ServiceLoader<IdleInhibitor> inhibitors;

    private List<Candidate<NamedSocket>> candidates = List.of();
    private volatile @Nullable NamedSockets sockets;
    private boolean suspended;
    private boolean ended;

    /**
     * Makes a wiring without configurations.
     *
     * @param cache where servers keep their state
     * @param changed called when a server has started or a configuration has changed
     */
    Wiring(Path cache, Runnable changed) {
        this.cache = cache;
        this.changed = changed;
        for (ServerProvider provider : ServiceLoader.load(ModuleLayer.boot(), ServerProvider.class)) {
            providers.put(provider.pid(), provider);
        }
    }

    /** The providers of the installed protocols. */
    List<ServerProvider> providers() {
        return List.copyOf(providers.values());
    }

    /** Replaces the sockets. */
    synchronized void setSockets(NamedSockets all) {
        sockets = all;
        candidates = new ArrayList<>();
        for (NamedSocket socket : all.all()) {
            candidates.add(new Candidate<>(socket, socket.properties()));
        }
        tie();
    }

    /** Applies changes. A server continues if neither its configuration nor its share has changed. */
    synchronized void apply(Changes changes) {
        if (ended) {
            return;
        }
        List<OwnedShare> oldShares = new ArrayList<>();
        List<OwnedAccounts> oldAccounts = new ArrayList<>();
        for (Collection<String> pids : List.of(changes.removed(), changes.set().keySet())) {
            for (String pid : pids) {
                remove(bindings.remove(pid));
                running.remove(unusable.remove(pid));
                remove(shares.remove(pid), oldShares);
            }
        }
        tie();
        oldShares.forEach(Wiring::close);
        for (String pid : changes.removed()) {
            remove(accounts.remove(pid), oldAccounts);
        }
        changes.set().forEach((pid, properties) -> add(pid, properties, oldAccounts));
        tie();
        oldAccounts.forEach(OwnedAccounts::close);
        changed.run();
    }

    private static void remove(@Nullable ServerBinding binding) {
        if (binding != null) {
            binding.stop();
        }
    }

    private static <T> void remove(@Nullable Candidate<T> candidate, List<T> old) {
        if (candidate != null) {
            old.add(candidate.what());
        }
    }

    private void add(String pid, Map<String, Object> properties, List<OwnedAccounts> oldAccounts) {
        String factory = pid.indexOf('~') < 0 ? pid : pid.substring(0, pid.indexOf('~'));
        ServerProvider provider = providers.get(factory);
        if (factory.equals(Share.PID)) {
            OwnedShare share = Shares.open(properties);
            if (share != null) {
                warnOfDuplicate(shares, "shares", share.name(), OwnedShare::name);
                String root = String.valueOf(properties.get("root"));
                shares.put(pid, new Candidate<>(share, Map.of(Share.SHARE_NAME, share.name(), Share.SHARE_ROOT, root)));
            }
        } else if (factory.equals(Accounts.PID)) {
            OwnedAccounts opened = AccountFiles.open(properties);
            remove(accounts.remove(pid), oldAccounts);
            if (opened != null) {
                warnOfDuplicate(accounts, "accounts", opened.name(), OwnedAccounts::name);
                accounts.put(pid, new Candidate<>(opened, Map.of(Accounts.ACCOUNTS_NAME, opened.name())));
            }
        } else if (provider != null) {
            try {
                bindings.put(pid, new ServerBinding(provider, properties, cache.resolve(factory), running));
            } catch (IllegalArgumentException e) {
                LOG.log(Level.ERROR, "{0} is not used: {1}", pid, e.getMessage());
                show(unusable, pid, "its configuration is wrong: " + e.getMessage());
            }
        } else {
            Set<String> known = new TreeSet<>(providers.keySet());
            known.addAll(Set.of(Share.PID, Accounts.PID, Main.ACTIVATION, Main.SYSTEMD));
            LOG.log(
                    Level.ERROR,
                    "{0}.cfg is not used, because there is no {1}, only {2}. Correct the name of the file, or add the module"
                            + " {1} to the module path",
                    pid.replace('~', '-'),
                    factory,
                    String.join(", ", known));
            show(unusable, pid, "is read by no module");
        }
    }

    /** Warns of a name that exists twice: servers use only the first one. */
    private static <T> void warnOfDuplicate(
            Map<String, Candidate<T>> all, String kind, String name, Function<T, String> nameOf) {
        if (all.values().stream().anyMatch(each -> nameOf.apply(each.what()).equals(name))) {
            LOG.log(
                    Level.WARNING,
                    "Two {0} have the name ''{1}'', and servers use only one of them. Give one another name, or remove its"
                            + " configuration",
                    kind,
                    name);
        }
    }

    /** Replaces the problems of unreadable files, by PID. */
    synchronized void setUnread(Map<String, String> problems) {
        // A new UnservedServer has an idle time of zero, so one in each look would prevent the idle exit.
        if (problems.equals(unreadProblems)) {
            return;
        }
        unreadProblems = problems;
        running.removeAll(unread.values());
        unread.clear();
        problems.forEach((pid, problem) -> show(unread, pid, problem));
    }

    private void show(Map<String, ProtocolServer> among, String pid, String problem) {
        ProtocolServer shown = UnservedServer.ofConfiguration(pid, problem);
        among.put(pid, shown);
        running.add(shown);
    }

    private void tie() {
        if (ended) {
            return;
        }
        ServerBinding.AvailableServices offer = new ServerBinding.AvailableServices(
                suspended ? null : sockets, // else each server would report that it has none
                suspended ? List.of() : candidates,
                shares.values(),
                accounts.values());
        boolean started = false;
        for (ServerBinding binding : bindings.values()) {
            started |= binding.tie(offer);
        }
        if (started) {
            changed.run();
        }
    }

    private static void close(OwnedShare share) {
        try {
            share.close();
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "The file system of share ''{0}'' cannot be closed: {1}",
                    share.name(),
                    e.getMessage());
        }
    }

    /** Logs which sockets no server serves. */
    synchronized void reportUnusedSockets() {
        List<NamedSocket> unwanted = new ArrayList<>();
        for (Candidate<NamedSocket> socket : candidates) {
            if (bindings.values().stream().noneMatch(binding -> binding.wants(socket))) {
                unwanted.add(socket.what());
            }
        }
        if (!unwanted.isEmpty()) {
            LOG.log(
                    Level.INFO,
                    "No server uses {0}; connections wait in the kernel''s queue until one does",
                    Main.describe(unwanted));
        }
    }

    @Override
    public @Nullable NamedSockets sockets() {
        return sockets;
    }

    @Override
    public List<ProtocolServer> all() {
        return List.copyOf(running);
    }

    @Override
    public boolean inhibited() {
        if (inhibitors == null) {
            inhibitors = ServiceLoader.load(ModuleLayer.boot(), IdleInhibitor.class);
        }
        return asked.anyBusy(inhibitors);
    }

    @Override
    public synchronized void suspend() {
        suspended = true;
        tie();
    }

    @Override
    public synchronized void resume() {
        suspended = false;
        tie();
    }

    @Override
    public synchronized void drain() {
        ended = true;
        bindings.values().forEach(ServerBinding::end);
    }
}
