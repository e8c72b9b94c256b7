package dev.mooring.protocol;

import dev.mooring.activation.NamedSocket;
import java.time.Duration;
import java.util.List;

/**
 * A configured server that cannot start. It is listed with the servers, so that its problem is visible. Connections wait in the queue of the
 * socket. Instances are immutable.
 */
public final class UnservedServer implements ProtocolServer {

    private final String name;
    private final String protocol;
    private final String problem;
    private final long since = System.nanoTime();

    private UnservedServer(String name, String protocol, String problem) {
        this.name = name;
        this.protocol = protocol;
        this.problem = problem;
    }

    /**
     * Makes the server of a configuration.
     *
     * @param pid the PID, such as {@code dev.mooring.http~public}
     * @param problem the problem in a few words, such as {@code is read by no bundle}
     * @return the server
     */
    public static UnservedServer ofConfiguration(String pid, String problem) {
        String name = nameOf(pid);
        return new UnservedServer(name, name.split("~", 2)[0], problem);
    }

    /**
     * The name of a server in the log: the last part of its PID.
     *
     * @param pid the PID of its configuration, such as {@code dev.mooring.http~public}
     * @return a name such as {@code http~public}
     */
    public static String nameOf(String pid) {
        int instance = pid.indexOf('~');
        return pid.substring(pid.lastIndexOf('.', instance < 0 ? pid.length() : instance) + 1);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String protocol() {
        return protocol;
    }

    @Override
    public List<NamedSocket> sockets() {
        return List.of();
    }

    @Override
    public long connections() {
        return 0;
    }

    @Override
    public Duration idle() {
        return Duration.ofNanos(System.nanoTime() - since);
    }

    @Override
    public long transfers() {
        return 0;
    }

    @Override
    public boolean draining() {
        return false;
    }

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public String problem() {
        return problem;
    }
}
