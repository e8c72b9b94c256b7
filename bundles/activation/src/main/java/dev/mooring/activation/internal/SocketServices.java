package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.Channel;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;

/**
 * The sockets as services: one {@link NamedSocket} a descriptor, then {@link NamedSockets}, which thus tells that the
 * others are there.
 */
final class SocketServices {

    private static final Logger LOGGER = System.getLogger(Activator.PID);

    /** How long a bundle may take to come for its socket before it is said that none has. */
    private static final int UNWANTED_AFTER_SECONDS = 5;

    private final BundleContext context;
    private final Map<AdoptedSocket, ServiceRegistration<NamedSocket>> registrations = new LinkedHashMap<>();
    private @Nullable ServiceRegistration<NamedSockets> all;
    private boolean closed;

    SocketServices(BundleContext context) {
        this.context = context;
    }

    /** Publishes these sockets in place of those before; the services of sockets that stay are left alone. */
    synchronized void publish(Sockets sockets) {
        unregisterAll();
        Set<AdoptedSocket> gone = new LinkedHashSet<>(registrations.keySet());
        sockets.adopted().forEach(gone::remove);
        for (AdoptedSocket socket : gone) {
            ServiceRegistration<NamedSocket> registration = registrations.remove(socket);
            if (registration != null) {
                registration.unregister();
            }
        }
        for (AdoptedSocket socket : sockets.adopted()) {
            registrations.computeIfAbsent(
                    socket,
                    added -> context.registerService(
                            NamedSocket.class, new PerBundle<>(added::tracked), properties(added)));
        }
        all = context.registerService(NamedSockets.class, new PerBundle<>(sockets::tracked), null);
        Executor later = CompletableFuture.delayedExecutor(UNWANTED_AFTER_SECONDS, TimeUnit.SECONDS);
        later.execute(() -> sayWhichAreUnwanted(sockets));
    }

    /** Takes the services back; the sockets themselves stay as they are. */
    synchronized void close() {
        closed = true;
        unregisterAll();
        registrations.values().forEach(ServiceRegistration::unregister);
        registrations.clear();
    }

    private void unregisterAll() {
        if (all != null) {
            all.unregister();
            all = null;
        }
    }

    private synchronized void sayWhichAreUnwanted(Sockets sockets) {
        if (closed) {
            return;
        }
        List<AdoptedSocket> unwanted = sockets.adopted().stream()
                .filter(socket -> {
                    ServiceRegistration<NamedSocket> registration = registrations.get(socket);
                    return registration != null && registration.getReference().getUsingBundles() == null;
                })
                .toList();
        if (!unwanted.isEmpty()) {
            LOGGER.log(
                    Level.INFO,
                    "No bundle has come for " + Sockets.describe(unwanted)
                            + "; connections wait in the kernel's queue until one does");
        }
    }

    private static Dictionary<String, Object> properties(NamedSocket socket) {
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(NamedSocket.SOCKET_NAME, socket.name());
        properties.put(NamedSocket.SOCKET_FD, socket.descriptor());
        properties.put(NamedSocket.SOCKET_FAMILY, socket.family().toString());
        properties.put(NamedSocket.SOCKET_TYPE, socket.type().toString());
        properties.put(NamedSocket.SOCKET_LISTENING, socket.listening());
        properties.put(NamedSocket.SOCKET_ORIGIN, socket.origin().toString());
        String address = socket.address();
        if (address != null) {
            properties.put(NamedSocket.SOCKET_ADDRESS, address);
        }
        long port = socket.port();
        if (port >= 0) {
            properties.put(NamedSocket.SOCKET_PORT, port <= Integer.MAX_VALUE ? (Object) (int) port : (Object) port);
        }
        return properties;
    }

    /** Gives each bundle a service of its own, and closes what the bundle has left open when it releases it. */
    private static final class PerBundle<S> implements ServiceFactory<S> {

        private final Function<Consumer<Channel>, S> service;
        private final Map<Bundle, Set<Channel>> opened = new ConcurrentHashMap<>();

        PerBundle(Function<Consumer<Channel>, S> service) {
            this.service = service;
        }

        @Override
        public S getService(Bundle bundle, ServiceRegistration<S> registration) {
            Set<Channel> channels = ConcurrentHashMap.newKeySet();
            opened.put(bundle, channels);
            return service.apply(channel -> {
                channels.removeIf(earlier -> !earlier.isOpen());
                channels.add(channel);
            });
        }

        @Override
        public void ungetService(Bundle bundle, ServiceRegistration<S> registration, S unused) {
            Set<Channel> channels = opened.remove(bundle);
            if (channels == null) {
                return;
            }
            for (Channel channel : channels) {
                try {
                    channel.close();
                } catch (IOException e) {
                    LOGGER.log(Level.WARNING, "A duplicate that " + bundle + " left open cannot be closed", e);
                }
            }
        }
    }
}
