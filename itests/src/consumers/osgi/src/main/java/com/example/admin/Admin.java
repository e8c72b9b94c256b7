package com.example.admin;

import dev.mooring.activation.NamedSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Greets each client of the sockets named {@code admin}. */
@Component
public class Admin {

    private final ServerSocketChannel listener;
    private final Selector selector = Selector.open();

    @Activate
    public Admin(@Reference(target = "(socket.name=admin)") NamedSocket socket) throws IOException {
        listener = socket.openServerSocketChannel();
        listener.register(selector, SelectionKey.OP_ACCEPT); // non-blocking, as every duplicate is
        new Thread(this::serve, "admin").start();
    }

    private void serve() {
        try {
            while (true) {
                selector.select(key -> greet());
            }
        } catch (ClosedSelectorException stopped) {
            // by stop()
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void greet() {
        try (var client = listener.accept()) {
            client.write(ByteBuffer.wrap("hello\n".getBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Deactivate
    void stop() throws IOException {
        selector.close();
        listener.close();
    }
}
