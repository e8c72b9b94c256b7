package dev.mooring.protocol;

import dev.mooring.protocol.internal.rehearsal.RehearsalStage;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Rehearses a server on a thread of a low priority, because it competes with clients for the processors. The threads that it starts inherit the
 * priority. An ordinary user cannot raise a priority again, so another thread does what follows.
 */
final class RehearsalThread {

    private static final Logger LOG = System.getLogger(RehearsalThread.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final long END_MILLIS = 2000;

    /** The threads of the rehearsals that have not ended. */
    private static final Map<ConfiguredServer, Thread> RUNNING = new ConcurrentHashMap<>();

    private RehearsalThread() {}

    /**
     * Rehearses a second server of a configuration. Waits for the end.
     *
     * @param configured a valid configuration
     * @param loading loads classes first
     * @param rest how many times as long as each step of the rehearsal a pause lasts
     * @throws Exception if the server cannot serve
     */
    static void rehearse(ConfiguredServer configured, Runnable loading, int rest) throws Exception {
        long start = System.nanoTime();
        String name = configured.visible().name();
        FutureTask<Void> rehearsal = new FutureTask<>(() -> {
            loading.run();
            perform(configured, rest);
            return null;
        });
        Thread thread = new Thread(rehearsal, name + "-rehearsal");
        thread.setDaemon(true);
        thread.setPriority(Thread.MIN_PRIORITY);
        RUNNING.put(configured, thread);
        thread.start();
        try {
            rehearsal.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof Exception problem ? problem : e;
        } finally {
            RUNNING.remove(configured, thread);
        }
        LOG.log(
                Level.DEBUG,
                "{0} was rehearsed for {1} ms",
                name,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    /** Ends the rehearsal of a server that is stopped, if there is one. Waits for that, so that its files are gone when the process ends. */
    static void end(ConfiguredServer configured) {
        Thread thread = RUNNING.get(configured);
        if (thread != null) {
            thread.interrupt();
            try {
                thread.join(END_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void perform(ConfiguredServer configured, int rest) throws Exception {
        try (RehearsalStage stage = stage(configured.visible().name(), rest)) {
            if (stage == null) {
                return;
            }
            try (SocketServer server = configured.another(stage.share())) {
                if (server.fault(stage.socket()) != null) {
                    return; // FTP does not serve on unix sockets
                }
                server.liftLimits();
                server.setAccounts(stage);
                server.add(stage.socket());
                server.standBy(); // throws if the engine cannot be made; start() would let the requests wait
                server.start();
                server.rehearse(stage);
            }
        }
    }

    private static @Nullable RehearsalStage stage(String name, int rest) {
        try {
            return new RehearsalStage(PATIENCE, rest);
        } catch (IOException e) {
            LOG.log(
                    Level.INFO,
                    "{0} serves without a rehearsal, because this process cannot write temporary files: {1}",
                    name,
                    e);
            return null;
        }
    }
}
