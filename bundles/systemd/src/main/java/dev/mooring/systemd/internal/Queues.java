package dev.mooring.systemd.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSocket.Type;
import dev.mooring.activation.WrongKindException;
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
public final class Queues {

    private static final Logger LOG = System.getLogger(Queues.class.getName());

    private Queues() {}

    /** The descriptors of the sockets with a connection in their queue. A socket that cannot be inspected counts as one. */
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
            LOG.log(Level.DEBUG, "Most likely there is no descriptor left", e);
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
            LOG.log(Level.DEBUG, "The JDK has no channel for it", e);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Most likely there is no descriptor left", e);
            queued.add(socket.descriptor());
        }
    }
}
