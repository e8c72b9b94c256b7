package dev.mooring.activation;

import dev.mooring.activation.NamedSocket.Type;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Looks at the accept queues of listening sockets without accepting. */
public final class AcceptQueues {

    private static final Logger LOG = System.getLogger(AcceptQueues.class.getName());

    private AcceptQueues() {}

    /**
     * Finds the sockets for which a client waits.
     *
     * @param sockets any sockets
     * @return their {@linkplain NamedSocket#descriptor() descriptors}; includes sockets whose check fails, because no descriptor is left, but not
     *     those that have no queue or that the JDK has no channel for
     */
    public static Set<Integer> notEmpty(List<NamedSocket> sockets) {
        Set<Integer> queued = new HashSet<>();
        List<ServerSocketChannel> duplicates = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            try {
                for (NamedSocket socket : sockets) {
                    if (socket.listening() && socket.type() == Type.STREAM) {
                        register(socket, selector, duplicates, queued);
                    }
                }
                selector.selectNow(key -> queued.add((Integer) key.attachment()));
            } finally {
                for (ServerSocketChannel duplicate : duplicates) {
                    duplicate.close();
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The queue cannot be checked; most likely no descriptor is left", e);
            sockets.forEach(each -> queued.add(each.descriptor()));
        }
        return queued;
    }

    private static void register(
            NamedSocket socket, Selector selector, List<ServerSocketChannel> duplicates, Set<Integer> queued) {
        try {
            ServerSocketChannel duplicate = socket.openServerSocketChannel();
            duplicates.add(duplicate);
            duplicate.register(selector, SelectionKey.OP_ACCEPT, socket.descriptor());
        } catch (WrongKindException e) {
            LOG.log(Level.DEBUG, "The JDK cannot check the queue of this socket", e);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The queue cannot be checked; most likely no descriptor is left", e);
            queued.add(socket.descriptor());
        }
    }
}
