package dev.mooring.protocol;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The servers that lend data sockets, by their names. A server that replaces another has the same name. Thread-safe. */
final class DataLenders {

    /** Guarded by the class. */
    private static final Map<String, DataSockets> BY_NAME = new HashMap<>();

    private DataLenders() {}

    /** Adds a server, which lends from now on if it has data sockets. */
    static synchronized void add(SocketServer server) {
        if (server instanceof DataSockets lender) {
            BY_NAME.put(server.name(), lender);
            DataLenders.class.notifyAll();
        }
    }

    /** Removes a server, unless another one has its name by now. */
    static synchronized void remove(SocketServer server) {
        BY_NAME.remove(server.name(), server);
    }

    /** Waits for a server; {@code null} if there is none in time. */
    static synchronized @Nullable DataSockets await(String name, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            DataSockets lender = BY_NAME.get(name);
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (lender != null || left <= 0) {
                return lender;
            }
            try {
                DataLenders.class.wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }
    }
}
