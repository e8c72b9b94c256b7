package dev.mooring.protocol.internal;

/**
 * The reason why a configured server does not serve.
 *
 * @param pid the PID of its configuration, or the name of its component; {@link #ALL} for all servers together
 * @param problem a few words for {@code systemctl status}
 * @param text the long form for the log, with the remedy
 */
record ServerProblem(String pid, String problem, String text) {

    static final String ALL = "dev.mooring";
}
