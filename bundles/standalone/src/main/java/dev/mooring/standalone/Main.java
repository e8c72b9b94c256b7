package dev.mooring.standalone;

import dev.mooring.activation.BoundSockets;
import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.activation.ServiceManager;
import dev.mooring.common.Configuration;
import dev.mooring.protocol.startup.WarmUp;
import dev.mooring.standalone.ConfigurationDirectory.Changes;
import dev.mooring.standalone.startup.ServiceSearches;
import dev.mooring.systemd.Signals;
import dev.mooring.systemd.SystemdService;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Starts the servers that the files of a directory configure, on the sockets of this process. Applies changes of the files until the process
 * ends.
 *
 * <pre>java -p modules -m dev.mooring.standalone [--conf DIR] [--cache DIR]</pre>
 */
public final class Main {

    static final String ACTIVATION = "dev.mooring.activation";
    static final String SYSTEMD = SystemdService.PID;

    private static final int BAD_USAGE = 2;
    private static final String USAGE = "; use: java -p modules -m dev.mooring.standalone [--conf DIR] [--cache DIR]";
    private static final long LOOK_MILLIS = 1000;

    /** The time after which an unused socket is reported. */
    private static final long UNUSED_AFTER = TimeUnit.SECONDS.toNanos(5);

    /** The limit of sockets that a message lists. */
    private static final int MANY = 10;

    private final CountDownLatch end = new CountDownLatch(1);
    private final Path conf;
    private final ConfigurationDirectory directory;
    private final Wiring wiring;
    private final SystemdService service;
    private @Nullable BoundSockets bound;

    /** The keys of {@code dev.mooring.activation}. */
    private @interface Keys {
        String[] listen() default {};
    }

    private Main(Path conf, Path cache) {
        this.conf = conf;
        directory = new ConfigurationDirectory(conf);
        wiring = new Wiring(cache, this::changed);
        service = new SystemdService(ServiceManager.fromEnvironment(), wiring, end::countDown);
    }

    /**
     * Runs until SIGTERM, SIGINT or, if {@code idle.exit} is set, the idle exit.
     *
     * @param arguments {@code --conf DIR}, by default {@code $CONFIGURATION_DIRECTORY} or {@code conf}, and {@code --cache DIR}, by
     *     default {@code $CACHE_DIRECTORY} or {@code cache}
     * @throws InterruptedException if the thread was interrupted
     */
    public static void main(String... arguments) throws InterruptedException {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            if (!Set.of("--conf", "--cache").contains(arguments[i])) {
                refuse("unknown option '" + arguments[i] + "'" + USAGE);
            }
            if (i + 1 == arguments.length) {
                refuse(arguments[i] + " needs a directory" + USAGE);
            }
            options.put(arguments[i], arguments[i + 1]);
        }
        Path conf = directory(options.get("--conf"), "CONFIGURATION_DIRECTORY", "conf");
        if (!Files.isDirectory(conf)) {
            refuse("there is no configuration directory '" + conf + "'; name one with --conf");
        }
        ServiceSearches.avoid();
        new Main(conf, directory(options.get("--cache"), "CACHE_DIRECTORY", "cache")).run();
        System.exit(0);
    }

    private static void refuse(String why) {
        System.err.println("mooring: " + why);
        System.exit(BAD_USAGE);
    }

    /** systemd.exec(5): several directories are separated by colons. */
    private static Path directory(@Nullable String option, String variable, String otherwise) {
        if (option != null) {
            return Path.of(option);
        }
        String set = System.getenv(variable);
        return Path.of(set == null || set.isBlank() ? otherwise : set.split(":")[0]);
    }

    private void run() throws InterruptedException {
        Logger activation = System.getLogger(ACTIVATION);
        NamedSockets inherited = NamedSockets.fromEnvironment();
        WarmUp.start(TimeZone::getDefault, WarmUp.protocols(inherited::all, wiring::providers, conf));
        Changes first = directory.read();
        inherited.problems().forEach(problem -> activation.log(Level.ERROR, problem));
        if (inherited.activated()) {
            wiring.setSockets(inherited);
        } else {
            bound = BoundSockets.open(wiring::setSockets);
            bound.listen(listen(first.set().get(ACTIVATION)));
        }
        // Until Signals.take is called, a signal ends the JVM; this hook lets the transfers finish first.
        Runtime.getRuntime().addShutdownHook(new Thread(service::stop, "stop"));
        wiring.setUnread(directory.unread());
        wiring.apply(others(first));
        // From here on clients are served.
        if (inherited.activated()) {
            activation.log(
                    Level.INFO, "Sockets published: " + inherited.all().size() + ": " + describe(inherited.all()));
        }
        Signals.take(() -> {
            service.ending();
            end.countDown();
        });
        ServiceManager.fromEnvironment().problems().forEach(problem -> activation.log(Level.ERROR, problem));
        service.configure(first.set().getOrDefault(SYSTEMD, Map.of()));
        service.start();
        follow();
        service.stop();
        if (bound != null) {
            bound.close();
        }
    }

    private void follow() throws InterruptedException {
        long started = System.nanoTime();
        boolean looked = false;
        while (!end.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            try {
                Changes changes = directory.changes();
                wiring.setUnread(directory.unread());
                if (!changes.isEmpty()) {
                    apply(changes);
                }
                if (!looked && System.nanoTime() - started > UNUSED_AFTER) {
                    looked = true;
                    wiring.reportUnusedSockets();
                    // Opens every jar, because an upgrade replaces the files while this process runs: an open file
                    // stays the old one.
                    ClassLoader.getSystemResource("a resource that no jar has");
                }
            } catch (RuntimeException e) {
                System.getLogger("dev.mooring.standalone")
                        .log(Level.ERROR, "A change of the configuration has failed", e);
            }
        }
    }

    private void apply(Changes changes) {
        if (touches(changes, ACTIVATION) && bound != null) {
            bound.listen(listen(changes.set().get(ACTIVATION)));
        }
        if (touches(changes, SYSTEMD)) {
            service.configure(changes.set().getOrDefault(SYSTEMD, Map.of()));
        }
        wiring.apply(others(changes));
    }

    private static boolean touches(Changes changes, String pid) {
        return changes.set().containsKey(pid) || changes.removed().contains(pid);
    }

    /** The changes that this class does not handle itself. */
    private static Changes others(Changes changes) {
        Map<String, Map<String, Object>> set = new TreeMap<>(changes.set());
        Set<String> removed = new TreeSet<>(changes.removed());
        for (String ours : List.of(ACTIVATION, SYSTEMD)) {
            set.remove(ours);
            removed.remove(ours);
        }
        return new Changes(set, removed);
    }

    private static @Nullable List<String> listen(@Nullable Map<String, Object> properties) {
        if (properties == null) {
            return null;
        }
        Configuration configuration = new Configuration(Keys.class, properties);
        configuration.warnOfUnknown(System.getLogger(ACTIVATION));
        return properties.containsKey("listen") ? configuration.commaSeparated("listen") : null;
    }

    private void changed() {
        service.changed();
    }

    /** Describes sockets, with a limit on their number. */
    static String describe(List<NamedSocket> sockets) {
        StringBuilder words = new StringBuilder();
        for (NamedSocket socket : sockets.subList(0, Math.min(MANY, sockets.size()))) {
            words.append(words.isEmpty() ? "" : ", ").append(socket);
        }
        return sockets.size() > MANY ? words + " and " + (sockets.size() - MANY) + " more" : words.toString();
    }
}
