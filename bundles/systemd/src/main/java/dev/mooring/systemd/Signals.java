package dev.mooring.systemd;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Handles SIGTERM and SIGINT: the first signal stops the process, the second ends it at once. Uses reflection, because the compiler's warning about
 * {@code sun.misc.Signal} cannot be switched off.
 */
public final class Signals implements AutoCloseable {

    private static final Logger LOG = System.getLogger("dev.mooring.systemd");

    /** The exit status of a process that a signal ended is this plus the number of the signal. */
    private static final int ENDED_BY = 128;

    /**
     * The handled signals and their previous handlers. A system property, because it must survive this class when the framework restarts in the same
     * process.
     */
    private static final String BEFORE = "dev.mooring.systemd.signals";

    private final Runnable end;
    private boolean ending;

    private Signals(Runnable end) {
        this.end = end;
    }

    /**
     * Handles the signals, if the JVM permits it (not with {@code -Xrs}).
     *
     * @param end starts to stop the process and returns
     * @return restores the previous handlers
     */
    public static Signals take(Runnable end) {
        Signals signals = new Signals(end);
        try {
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(
                    handler.getClassLoader(),
                    new Class<?>[] {handler},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "handle" -> signals.handle(arguments[0]);
                        case "equals" -> proxy == arguments[0];
                        case "hashCode" -> System.identityHashCode(proxy);
                        default -> "the end of the process";
                    });
            for (String name : List.of("TERM", "INT")) {
                Object signal = signal().getConstructor(String.class).newInstance(name);
                before().putIfAbsent(signal, handle().invoke(null, signal, ours));
            }
        } catch (ReflectiveOperationException e) {
            LOG.log(Level.DEBUG, "The JVM does not permit signal handlers", e);
        }
        return signals;
    }

    @SuppressWarnings("unchecked") // only this class uses the key
    private static Map<Object, Object> before() {
        return (Map<Object, Object>) System.getProperties().computeIfAbsent(BEFORE, key -> new ConcurrentHashMap<>());
    }

    private static Class<?> signal() throws ClassNotFoundException {
        return Class.forName("sun.misc.Signal");
    }

    private static Method handle() throws ReflectiveOperationException {
        return signal().getMethod("handle", signal(), Class.forName("sun.misc.SignalHandler"));
    }

    private @Nullable Void handle(Object signal) throws ReflectiveOperationException {
        synchronized (this) {
            if (ending) {
                Runtime.getRuntime()
                        .halt(ENDED_BY + (int) signal().getMethod("getNumber").invoke(signal));
            }
            ending = true;
        }
        LOG.log(Level.DEBUG, "{0}: stopping", signal);
        end.run();
        return null;
    }

    /** Restores the previous handlers. */
    @Override
    public void close() {
        for (Map.Entry<Object, Object> each : before().entrySet()) {
            try {
                handle().invoke(null, each.getKey(), each.getValue());
            } catch (ReflectiveOperationException e) {
                LOG.log(Level.DEBUG, "The previous handler was not restored", e);
            }
        }
        System.getProperties().remove(BEFORE);
    }
}
