package dev.mooring.activation;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keeps an idle process from exiting. By default a process is busy while a connection of an inherited socket is open, no matter which code has
 * accepted it ({@link NamedSockets#openConnections()}). A bundle registers this as a service if it has work without such a connection, or if its
 * clients connect for less than a second. Without OSGi it is a provider for {@link java.util.ServiceLoader}. Implementations must be safe for use by
 * several threads.
 */
@ConsumerType
@FunctionalInterface
public interface IdleInhibitor {

    /**
     * Whether there is work. Called once a second while nothing else keeps the process busy. It must return at once. An exception counts as
     * {@code true} and is logged.
     *
     * @return {@code true} if the process must not exit now; the idle time then starts again
     */
    boolean isBusy();
}
