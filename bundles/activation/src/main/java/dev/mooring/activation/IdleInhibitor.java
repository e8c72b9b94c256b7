package dev.mooring.activation;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keeps this process from ending because it is idle. Without one a process counts as busy while a connection of an inherited socket
 * is open, whoever has accepted it ({@link NamedSockets#openConnections()}). A bundle that has work to do without such a connection,
 * or whose clients come and go within a second, publishes this as a service; without OSGi it is a provider for
 * {@link java.util.ServiceLoader}. Implementations are safe for use by several threads.
 */
@ConsumerType
@FunctionalInterface
public interface IdleInhibitor {

    /**
     * Whether there is something to do. Asked once a second while nothing else keeps the process busy. Returns at once; an exception
     * counts as {@code true} and is logged.
     *
     * @return {@code true} if the process must not end now; the idle time begins anew
     */
    boolean isBusy();
}
