package dev.mooring.systemd;

import dev.mooring.activation.AcceptQueues;
import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.activation.ServiceManager;
import dev.mooring.common.Configuration;
import dev.mooring.protocol.ProtocolServer;
import dev.mooring.systemd.internal.AcceptCheck;
import dev.mooring.systemd.internal.Keys;
import dev.mooring.systemd.internal.OpenSockets;
import dev.mooring.systemd.internal.Status;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * This process as a systemd service: it reports readiness, status and liveness, exits when it is idle, and drains before it stops.
 *
 * <p>It sends {@code READY=1} when the sockets are known and no server or configuration has changed for a moment, {@code RELOADING=1} when one changes
 * later, and {@code STATUS=} when the numbers of the servers change. It looks at them once a second, or more often for a short watchdog interval.
 *
 * <p>It sends {@code WATCHDOG=1} while its thread runs and the servers accept connections. A server does not accept if, for half of the watchdog
 * interval, the queue of its socket was never empty and its counters did not change.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class SystemdService {

    /** The PID of its configuration. */
    public static final String PID = "dev.mooring.systemd";

    private static final Logger LOG = System.getLogger(PID);
    private static final int MAX_IDLE_DIGITS = 9;

    /** A start, or a change, is over when nothing has changed for this time. */
    private static final long SETTLED = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long PERIOD = TimeUnit.SECONDS.toNanos(1);

    /** The time that each message requests during the stop. One message is sent per {@link #PERIOD}. */
    private static final Duration EXTENSION = Duration.ofSeconds(15);

    private static final long DRAIN_CHECK = TimeUnit.MILLISECONDS.toNanos(20);

    /** The time without a client after which the process returns memory to the system. This pauses it for some 50 ms. */
    private static final Duration QUIET = Duration.ofSeconds(20);

    private final ServiceManager manager;
    private final Servers servers;
    private final Runnable exit;
    private final Time time;
    private final boolean watched;
    private final long pingPause;

    // Guarded by this.
    private Duration idleExit = Duration.ZERO;
    private @Nullable Thread thread;
    private boolean ended;
    private boolean ending;
    private long changed;
    private boolean announceChange;
    private boolean stopped;

    private volatile boolean sendFailed;

    // Used by the thread alone.
    private boolean ready;
    private boolean introduced;
    private String status = "";
    private long pinged;
    private @Nullable AcceptCheck accepting;
    private @Nullable Idleness idle;
    private boolean silent;
    private boolean tidy;

    /** The clock, which a test can set. */
    interface Time {

        /** The time in nanoseconds, {@code CLOCK_MONOTONIC} like {@link System#nanoTime()}. */
        long nanoTime();

        /** Waits on a lock that the caller holds until it is notified or the time is over. */
        void await(Object lock, long nanos) throws InterruptedException;
    }

    private static final class SystemTime implements Time {

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void await(Object lock, long nanos) throws InterruptedException {
            TimeUnit.NANOSECONDS.timedWait(lock, nanos);
        }
    }

    /** When the idle time began, and the sockets that were open then. */
    private record Idleness(long since, Set<String> sockets) {}

    /**
     * Makes a service. It does nothing before {@link #start}.
     *
     * @param manager receives the messages
     * @param servers the servers of this process
     * @param exit starts to stop this process and returns; the stop must call {@link #stop()}
     */
    public SystemdService(ServiceManager manager, Servers servers, Runnable exit) {
        this(manager, servers, exit, new SystemTime());
    }

    SystemdService(ServiceManager manager, Servers servers, Runnable exit, Time time) {
        this.manager = manager;
        this.servers = servers;
        this.exit = exit;
        this.time = time;
        changed = time.nanoTime();
        watched = manager.isPresent() && manager.watchdog().isPresent();
        pingPause = watched ? manager.watchdog().get().toNanos() / 2 : Long.MAX_VALUE;
    }

    /**
     * Sets the idle time after which the process exits. The process is busy while a server has a connection or drains, a socket has a connection that was
     * accepted outside the servers or is in its queue, or an {@link dev.mooring.activation.IdleInhibitor} is busy. Only a process with inherited sockets
     * exits, because systemd starts it again for the next client.
     *
     * @param idle the time; zero, the default, for never
     */
    public synchronized void setIdleExit(Duration idle) {
        idleExit = idle;
        start();
    }

    /**
     * Reads {@code idle.exit} from a configuration. Logs an error if it is not a number of seconds.
     *
     * @param properties the configuration; empty if there is none
     */
    public void configure(Map<String, ?> properties) {
        Configuration configuration = new Configuration(Keys.class, properties);
        configuration.warnOfUnknown(LOG);
        String seconds = configuration.text("idle.exit").strip();
        Duration wanted = Duration.ZERO;
        if (isTime(seconds)) {
            wanted = Duration.ofSeconds(Long.parseLong(seconds));
        } else {
            LOG.log(
                    Level.ERROR,
                    "{0}: idle.exit = ''{1}'' is no time, so the process never exits when idle; write it in seconds, 0 for"
                            + " never",
                    PID,
                    seconds);
        }
        setIdleExit(wanted);
    }

    private static boolean isTime(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_IDLE_DIGITS
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** Starts the thread. Does nothing if there is neither a service manager nor an idle exit. */
    public synchronized void start() {
        if (thread == null && !ended && (manager.isPresent() || !idleExit.isZero())) {
            thread = new Thread(this::run, "systemd");
            thread.setDaemon(true);
            thread.start();
        }
        notifyAll();
    }

    /** Notes that a server or a configuration was added or changed. */
    public synchronized void changed() {
        changed = time.nanoTime();
        announceChange = true;
        notifyAll();
    }

    /** Notes that the process is about to stop, so that {@link #stop} reports it. */
    public synchronized void ending() {
        ending = true;
    }

    /** Ends the thread. Does not stop the servers. */
    public void close() {
        Thread running;
        synchronized (this) {
            ended = true;
            running = thread;
            notifyAll();
        }
        try {
            if (running != null && running != Thread.currentThread()) {
                running.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Drains all servers and waits until they have ended; {@code drain.timeout} limits this time. Meanwhile it asks the service manager for more time. Further
     * calls do nothing.
     */
    public void stop() {
        boolean says;
        synchronized (this) {
            if (stopped) {
                return;
            }
            stopped = true;
            says = ending;
        }
        close();
        if (says) {
            // Sent only if an earlier message has loaded the native library, which takes longer than the stop.
            // Includes the first extension, because on a busy machine the servers may take a while to start draining.
            tell(
                    introduced,
                    "STOPPING=1",
                    "EXTEND_TIMEOUT_USEC=" + micros(EXTENSION),
                    "STATUS=" + Status.ending(servers.all()));
        }
        servers.drain();
        // Servers that were starting until now are among them.
        List<ProtocolServer> all = servers.all();
        long reported = time.nanoTime();
        try {
            while (all.stream().anyMatch(ProtocolServer::draining)) {
                if (time.nanoTime() - reported >= PERIOD) {
                    reported = time.nanoTime();
                    tell(says, "EXTEND_TIMEOUT_USEC=" + micros(EXTENSION), "STATUS=" + Status.ending(all));
                }
                synchronized (this) {
                    time.await(this, DRAIN_CHECK);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (pause()) {
                try {
                    look();
                } catch (RuntimeException e) {
                    LOG.log(Level.ERROR, "The status of the servers cannot be reported", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the next look; {@code false} if there is none. */
    private synchronized boolean pause() throws InterruptedException {
        if (!ended && !announceChange) {
            time.await(this, settled() ? Math.min(PERIOD, pingPause / 2) : SETTLED);
        }
        return !ended;
    }

    private synchronized boolean settled() {
        return time.nanoTime() - changed >= SETTLED
                && servers.sockets() != null
                && servers.all().stream().noneMatch(ProtocolServer::rehearsing);
    }

    private void look() {
        boolean settled;
        boolean changing;
        Duration idleTime;
        synchronized (this) {
            settled = settled();
            changing = announceChange;
            announceChange = false;
            idleTime = idleExit;
        }
        if (!settled && !introduced) {
            return;
        }
        List<ProtocolServer> all = servers.all();
        String now = Status.of(all);
        if (changing && ready) {
            ready = false;
            tell(true, "RELOADING=1", "MONOTONIC_USEC=" + time.nanoTime() / 1000);
        }
        if (settled && !ready) {
            ready = true;
            introduced = true;
            status = now;
            tell(true, "READY=1", "STATUS=" + now);
        } else if (ready && !now.equals(status)) {
            status = now;
            tell(true, "STATUS=" + now);
        }
        guard(all);
        tidyUp(all);
        exitIfIdle(all, settled, idleTime);
    }

    private void guard(List<ProtocolServer> all) {
        if (!watched) {
            return;
        }
        if (accepting == null) {
            accepting = new AcceptCheck(Duration.ofNanos(pingPause));
        }
        long now = time.nanoTime();
        NamedSockets sockets = servers.sockets();
        Set<Integer> queued = sockets == null ? Set.of() : AcceptQueues.notEmpty(sockets.all());
        String stuck = accepting.stuck(all, queued, now);
        if (stuck != null && !silent) {
            LOG.log(Level.ERROR, "Withholds watchdog pings: {0}", stuck);
        }
        silent = stuck != null;
        if (!silent && (pinged == 0 || now - pinged >= pingPause)) {
            pinged = now;
            tell(true, "WATCHDOG=1");
        }
    }

    /** Returns memory to the system after clients have disconnected. */
    private void tidyUp(List<ProtocolServer> all) {
        boolean quiet =
                !isBusy(all) && all.stream().allMatch(each -> each.idle().compareTo(QUIET) >= 0);
        if (quiet && !tidy) {
            System.gc();
        }
        tidy = quiet;
    }

    /** Exits if the process was idle for this time. */
    private void exitIfIdle(List<ProtocolServer> all, boolean settled, Duration idleTime) {
        NamedSockets sockets = servers.sockets();
        if (idleTime.isZero()
                || !settled
                || sockets == null
                || inherited(sockets.all()).isEmpty()
                || isBusy(all)
                || sockets.openConnections() > 0
                || servers.inhibited()
                || !AcceptQueues.notEmpty(inherited(sockets.all())).isEmpty()) {
            idle = null;
            return;
        }
        long now = time.nanoTime();
        if (idle == null || hadClientSince(idle.since(), all)) {
            idle = new Idleness(now, OpenSockets.ofThisProcess());
            return;
        }
        if (now - idle.since() < idleTime.toNanos()) {
            return;
        }
        // From here on clients wait in the queue for the next process.
        servers.suspend();
        Set<String> accepted = OpenSockets.ofThisProcess();
        accepted.removeAll(idle.sockets());
        if (isBusy(all) || !accepted.isEmpty()) {
            LOG.log(Level.DEBUG, "A client came at the last moment");
            idle = null;
            servers.resume();
            return;
        }
        LOG.log(Level.INFO, "No client for {0} s; exiting until the next connection", idleTime.toSeconds());
        synchronized (this) {
            ended = true;
            ending = true;
        }
        exit.run();
    }

    /** Whether a client has connected since then. It may have disconnected before this look. */
    private boolean hadClientSince(long then, List<ProtocolServer> all) {
        return all.stream().anyMatch(each -> each.idle().toNanos() < time.nanoTime() - then);
    }

    private static boolean isBusy(List<ProtocolServer> all) {
        return all.stream().anyMatch(each -> each.draining() || each.connections() > 0 || each.transfers() > 0);
    }

    private static List<NamedSocket> inherited(List<NamedSocket> sockets) {
        return sockets.stream()
                .filter(each -> each.listening() && each.origin() == NamedSocket.Origin.INHERITED)
                .toList();
    }

    private void tell(boolean really, String... assignments) {
        if (!really) {
            return;
        }
        try {
            manager.send(assignments);
            sendFailed = false;
        } catch (IOException e) {
            if (!sendFailed) {
                LOG.log(Level.ERROR, "systemd cannot be notified: {0}", e.getMessage());
            }
            sendFailed = true;
        }
    }

    private static long micros(Duration duration) {
        return TimeUnit.NANOSECONDS.toMicros(duration.toNanos());
    }
}
