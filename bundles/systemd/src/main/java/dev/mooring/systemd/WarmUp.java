package dev.mooring.systemd;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.systemd.internal.Queues;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/** What stands between a start and the first answer, made ready by a thread that goes ahead of the one that starts the runtime. */
public final class WarmUp {

    private WarmUp() {}

    /** What is done one after the other; may throw anything, for whoever needs what has failed will be told. */
    @FunctionalInterface
    public interface Step {

        /**
         * Makes something ready.
         *
         * @throws Exception if that is not possible
         */
        void run() throws Exception;
    }

    /**
     * Starts the thread, which ends by itself.
     *
     * @param steps what this runtime needs, what it needs first at the beginning
     */
    public static void start(Step... steps) {
        Thread thread = new Thread(
                () -> {
                    for (Step step : steps) {
                        tryRun(step);
                    }
                },
                "warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * The protocols for which somebody waits, who has caused this start most likely.
     *
     * @param sockets called for the sockets of this process
     * @param providers called for those who make servers of the protocols that there are
     * @return a step
     */
    public static Step protocols(Callable<List<NamedSocket>> sockets, Callable<List<ServerProvider>> providers) {
        return () -> {
            List<NamedSocket> all = sockets.call();
            for (ServerProvider provider : providers.call()) {
                List<NamedSocket> its = all.stream()
                        .filter(socket -> provider.pid().endsWith("." + socket.name()))
                        .toList();
                Set<Integer> queued = Queues.notEmpty(its);
                its.stream()
                        .filter(socket -> queued.contains(socket.descriptor()))
                        .findFirst()
                        .ifPresent(socket -> tryRun(() -> provider.warmUp(socket)));
            }
        };
    }

    private static void tryRun(Step step) {
        try {
            step.run();
        } catch (Exception | LinkageError e) {
            System.getLogger(WarmUp.class.getName()).log(Level.DEBUG, "Not ready, and made when it is needed", e);
        }
    }
}
