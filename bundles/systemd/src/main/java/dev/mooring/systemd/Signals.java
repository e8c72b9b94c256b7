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
 * SIGTERM and SIGINT: the first begins to end the process, the second ends it at once. By reflection, as the compiler warns of
 * {@code sun.misc.Signal} whatever it is told, and there is no other way.
 */
public final class Signals implements AutoCloseable {

    private static final Logger LOG = System.getLogger("dev.mooring.systemd");

    /** What a shell reports of a process that a signal has ended: this and the signal's number. */
    private static final int ENDED_BY = 128;

    /**
     * The signals that are taken, and their handlers before: a system property, as it outlives this class when the framework is
     * started again in this process. That keeps the signals, since it may be ending; the next would hold on to this one.
     */
    private static final String BEFORE = "dev.mooring.systemd.signals";

    private final Runnable end;
    private boolean ending;

    private Signals(Runnable end) {
        this.end = end;
    }

    /**
     * Takes the signals, where the JVM lets go of them (it does not with {@code -Xrs}).
     *
     * @param end begins to end the process and returns
     * @return gives the signals back
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
            LOG.log(Level.DEBUG, "The JVM keeps its signals", e);
        }
        return signals;
    }

    @SuppressWarnings("unchecked") // nobody else has that key
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
        LOG.log(Level.DEBUG, "{0}: the end begins", signal);
        end.run();
        return null;
    }

    /** Gives the signals back to whoever had them. */
    @Override
    public void close() {
        for (Map.Entry<Object, Object> each : before().entrySet()) {
            try {
                handle().invoke(null, each.getKey(), each.getValue());
            } catch (ReflectiveOperationException e) {
                LOG.log(Level.DEBUG, "The JVM keeps it", e);
            }
        }
        System.getProperties().remove(BEFORE);
    }
}
