package dev.mooring.systemd;

import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.systemd.internal.Queues;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/** Loads what the first answer needs, on a thread that runs ahead of the one that starts the runtime. */
public final class WarmUp {

    private WarmUp() {}

    /** A step. It may throw anything: whoever needs the failed part later reports the error. */
    @FunctionalInterface
    public interface Step {

        /**
         * Loads something.
         *
         * @throws Exception if that fails
         */
        void run() throws Exception;
    }

    /**
     * Starts the thread, which ends by itself.
     *
     * @param steps the steps, in the order in which the runtime needs their results
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
     * Loads the protocols for which a client is waiting. Most likely this client caused the start.
     *
     * @param sockets called for the sockets of this process
     * @param providers called for the providers of the installed protocols
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
