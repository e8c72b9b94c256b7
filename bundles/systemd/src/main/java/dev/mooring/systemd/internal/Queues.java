package dev.mooring.systemd.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.WrongKindException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks the accept queues of listening sockets without accepting. */
public final class Queues {

    private static final Logger LOG = System.getLogger(Queues.class.getName());

    private Queues() {}

    /** The descriptors of the sockets with a connection in their queue. Includes sockets whose check fails, but not those that have no queue. */
    public static Set<Integer> notEmpty(List<NamedSocket> sockets) {
        Set<Integer> queued = new HashSet<>();
        for (NamedSocket socket : sockets) {
            try {
                if (socket.hasQueuedConnection()) {
                    queued.add(socket.descriptor());
                }
            } catch (WrongKindException e) {
                LOG.log(Level.DEBUG, "The JDK cannot check the queue of this socket", e);
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "The queue cannot be checked; most likely no descriptor is left", e);
                queued.add(socket.descriptor());
            }
        }
        return queued;
    }
}
