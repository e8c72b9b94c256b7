package dev.mooring.ftp.internal.session;

import dev.mooring.protocol.ServerMetrics;
import java.time.Duration;

/**
 * The common objects and settings of all sessions of a server.
 *
 * @param name the name of the server, for the log and the names of its threads
 * @param tls whether connections are encrypted
 * @param loginTimeout how long a client may take to log in
 * @param idleTimeout how long a session may have neither a command nor a transfer
 * @param dataTimeout how long a transfer may wait for its data connection, and how long it may stall
 * @param metrics counts the activity of clients
 */
public record ServerContext(
        String name,
        TlsPolicy tls,
        Duration loginTimeout,
        Duration idleTimeout,
        Duration dataTimeout,
        ServerMetrics metrics) {}
