package dev.mooring.activation.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.Channel;
import java.util.Dictionary;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;

/**
 * Registers the sockets as services: a {@link NamedSocket} for each descriptor, and then {@link NamedSockets}, whose presence
 * shows that the others are complete.
 */
final class SocketServices {

    private static final Logger LOGGER = System.getLogger(Activator.PID);

    /** Sockets that no bundle uses after this time are logged. */
    private static final int UNUSED_AFTER_SECONDS = 5;

    private final BundleContext context;
    private final Map<AdoptedSocket, Published<NamedSocket>> published = new LinkedHashMap<>();
    private @Nullable Published<NamedSockets> all;
    private boolean closed;

    SocketServices(BundleContext context) {
        this.context = context;
    }

    /** Replaces the published sockets. The services of sockets that stay are not changed. */
    synchronized void publish(Sockets sockets) {
        unregisterAll();
        Set<AdoptedSocket> gone = new LinkedHashSet<>(published.keySet());
        sockets.adopted().forEach(gone::remove);
        for (AdoptedSocket socket : gone) {
            Published<NamedSocket> service = published.remove(socket);
            if (service != null) {
                service.unregister();
            }
        }
        for (AdoptedSocket socket : sockets.adopted()) {
            published.computeIfAbsent(
                    socket,
                    added -> new Published<>(
                            context,
                            NamedSocket.class,
                            added::tracked,
                            FrameworkUtil.asDictionary(added.properties())));
        }
        all = new Published<>(context, NamedSockets.class, sockets::tracked, null);
        Executor later = CompletableFuture.delayedExecutor(UNUSED_AFTER_SECONDS, TimeUnit.SECONDS);
        later.execute(() -> logUnused(sockets));
    }

    /** Unregisters the services. The sockets themselves are not changed. */
    synchronized void close() {
        closed = true;
        unregisterAll();
        published.values().forEach(Published::unregister);
        published.clear();
    }

    private void unregisterAll() {
        if (all != null) {
            all.unregister();
            all = null;
        }
    }

    private synchronized void logUnused(Sockets sockets) {
        if (closed) {
            return;
        }
        List<AdoptedSocket> unused = sockets.adopted().stream()
                .filter(socket -> {
                    Published<NamedSocket> service = published.get(socket);
                    return service != null && !service.isUsed();
                })
                .toList();
        if (!unused.isEmpty()) {
            LOGGER.log(
                    Level.INFO,
                    "No bundle uses " + Sockets.describe(unused)
                            + "; connections wait in the kernel's queue until one does");
        }
    }

    /** A registration that gives each bundle its own service object, and finally closes the duplicates that the bundle left open. */
    private static final class Published<S> implements ServiceFactory<S> {

        private final Function<Consumer<Channel>, S> service;
        private final Map<Bundle, Opened> opened = new ConcurrentHashMap<>();
        private final Bundle framework;
        private final ServiceRegistration<S> registration;

        Published(
                BundleContext context,
                Class<S> type,
                Function<Consumer<Channel>, S> service,
                @Nullable Dictionary<String, Object> properties) {
            this.service = service;
            framework = Objects.requireNonNull(context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION));
            registration = context.registerService(type, this, properties);
        }

        @Override
        public S getService(Bundle bundle, ServiceRegistration<S> itself) {
            Opened byBundle = new Opened(bundle);
            opened.put(bundle, byBundle);
            return service.apply(byBundle);
        }

        @Override
        public void ungetService(Bundle bundle, ServiceRegistration<S> itself, S unused) {
            // A server may drain while the framework stops. What it has opened is then closed when this bundle stops.
            Opened byBundle = framework.getState() == Bundle.STOPPING ? null : opened.remove(bundle);
            if (byBundle != null) {
                byBundle.close();
            }
        }

        boolean isUsed() {
            return registration.getReference().getUsingBundles() != null;
        }

        void unregister() {
            registration.unregister();
            // Felix 7.0.5 does not call ungetService for a bundle that got the service more than twice.
            opened.values().forEach(Opened::close);
            opened.clear();
        }
    }

    /** The duplicates of one bundle. Once this is closed, new duplicates are closed at once. */
    private static final class Opened implements Consumer<Channel> {

        private final Bundle bundle;
        private final Set<Channel> channels = new HashSet<>();
        private boolean closed;

        Opened(Bundle bundle) {
            this.bundle = bundle;
        }

        @Override
        public synchronized void accept(Channel channel) {
            channels.removeIf(earlier -> !earlier.isOpen());
            channels.add(channel);
            if (closed) {
                close();
            }
        }

        synchronized void close() {
            closed = true;
            for (Channel channel : channels) {
                try {
                    channel.close();
                } catch (IOException e) {
                    LOGGER.log(Level.WARNING, "A duplicate that " + bundle + " left open cannot be closed", e);
                }
            }
            channels.clear();
        }
    }
}
