package dev.mooring.itests.foreign;

import dev.mooring.activation.IdleInhibitor;
import dev.mooring.activation.NamedSocket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.Channels;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** A bundle of another vendor that serves the sockets named {@code admin}, independently of Mooring's servers. */
public final class EchoActivator implements BundleActivator {

    private ServiceRegistration<IdleInhibitor> inhibitor;

    @Override
    public void start(BundleContext context) throws IOException, InvalidSyntaxException {
        for (ServiceReference<NamedSocket> each :
                context.getServiceReferences(NamedSocket.class, "(socket.name=admin)")) {
            ServerSocketChannel socket = context.getService(each).openServerSocketChannel();
            thread(() -> accept(context, socket));
        }
        System.out.println("= echo ready");
    }

    private static void thread(Runnable task) {
        Thread thread = new Thread(task, "echo");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept(BundleContext context, ServerSocketChannel socket) {
        try (Selector selector = Selector.open()) {
            socket.register(selector, SelectionKey.OP_ACCEPT);
            while (socket.isOpen()) {
                selector.select();
                selector.selectedKeys().clear();
                SocketChannel accepted = socket.isOpen() ? socket.accept() : null;
                if (accepted != null) {
                    thread(() -> echo(context, accepted));
                }
            }
        } catch (IOException e) {
            System.out.println("= echo ended: " + e);
        }
    }

    private void echo(BundleContext context, SocketChannel accepted) {
        try (accepted) {
            BufferedReader in = new BufferedReader(
                    new InputStreamReader(Channels.newInputStream(accepted), StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("inhibit")) {
                    inhibitor = context.registerService(IdleInhibitor.class, () -> true, null);
                } else if (line.equals("release")) {
                    inhibitor.unregister();
                }
                accepted.write(StandardCharsets.UTF_8.encode("echo " + line + "\n"));
            }
        } catch (IOException e) {
            System.out.println("= echo ended: " + e);
        }
    }

    @Override
    public void stop(BundleContext context) {
        // Its duplicates are closed when the sockets are unregistered.
    }
}
