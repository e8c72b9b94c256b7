package dev.mooring.protocol.startup;

import dev.mooring.activation.AcceptQueues;
import dev.mooring.activation.NamedSocket;
import dev.mooring.protocol.ServerProvider;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/** Loads the classes that the first response needs, on a thread that runs ahead of the one that starts the runtime. */
public final class WarmUp {

    private WarmUp() {}

    /** A step. It may throw anything: the code that needs the failed part later reports the error. */
    @FunctionalInterface
    public interface Step {

        /**
         * Loads something.
         *
         * @throws Exception if that fails
         */
        void run() throws Exception;
    }

    /** Implemented by a {@link ServerProvider} whose engine takes long to load. */
    @FunctionalInterface
    public interface OfProtocol {

        /**
         * Loads classes that the engine needs.
         *
         * @throws Exception if that fails
         */
        void warmUp() throws Exception;
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
     * Loads the protocols for which a client is waiting, and then TLS if they use it. Most likely this client caused the start. A socket belongs to the
     * protocol whose name it has (the last part of {@link ServerProvider#pid()}).
     *
     * @param sockets called for the sockets of this process
     * @param providers called for the providers of the installed protocols
     * @param configurations the directory of the {@code .cfg} files
     * @return a step
     */
    public static Step protocols(
            Callable<List<NamedSocket>> sockets, Callable<List<ServerProvider>> providers, Path configurations) {
        return () -> {
            List<NamedSocket> all = sockets.call();
            Set<String> waiting = new HashSet<>();
            for (ServerProvider provider : providers.call()) {
                String name = provider.pid().substring(provider.pid().lastIndexOf('.') + 1);
                if (hasClient(all, name)) {
                    waiting.add(name);
                    if (provider instanceof OfProtocol protocol) {
                        tryRun(protocol::warmUp);
                    }
                }
            }
            TlsWarmUp.run(configurations, waiting);
        };
    }

    private static boolean hasClient(List<NamedSocket> sockets, String name) {
        return !AcceptQueues.notEmpty(sockets.stream()
                        .filter(socket -> socket.name().equals(name))
                        .toList())
                .isEmpty();
    }

    private static void tryRun(Step step) {
        try {
            step.run();
        } catch (Exception | LinkageError e) {
            System.getLogger(WarmUp.class.getName()).log(Level.DEBUG, "Not loaded ahead of time", e);
        }
    }
}
