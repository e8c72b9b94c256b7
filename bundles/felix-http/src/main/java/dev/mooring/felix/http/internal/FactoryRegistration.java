package dev.mooring.felix.http.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/**
 * Registers the factory of the connector, and registers it again when the configuration changes. Felix HTTP makes a connector when the factory is
 * registered, and stops it when the factory is unregistered. Instances are safe for use by several threads.
 */
final class FactoryRegistration implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Activator.PID);

    private final BundleContext context;

    /** Open from the time when the connectors may accept connections. */
    private final CountDownLatch accepting = new CountDownLatch(1);

    // Guarded by this.
    private @Nullable Settings settings;
    private @Nullable ServiceRegistration<ConnectorFactory> registration;
    private boolean closed;

    FactoryRegistration(BundleContext context) {
        this.context = context;
    }

    /** Applies a configuration. If it is wrong, this logs the reason, and the configuration before it stays. */
    synchronized void configure(Map<String, ?> properties) {
        try {
            Settings changed = Settings.of(properties);
            if (!closed && !changed.equals(settings)) {
                settings = changed;
                unregister();
                register(changed);
            }
        } catch (IllegalArgumentException e) {
            LOG.log(Level.ERROR, "The configuration is not used: {0}; correct {1}", e.getMessage(), Activator.PID);
        }
    }

    /** Lets the connectors accept connections from now on. Further calls do nothing. */
    void accept() {
        accepting.countDown();
    }

    private void register(Settings current) {
        Factory factory = new Factory(current);
        registration = context.registerService(ConnectorFactory.class, factory, null);
        Bundle felixHttp = FrameworkUtil.getBundle(ConnectorFactory.class);
        if (!factory.used && felixHttp.getState() == Bundle.ACTIVE) {
            restart(felixHttp);
            if (!factory.used) {
                LOG.log(
                        Level.WARNING,
                        "Felix HTTP serves nothing, because it is switched off; remove"
                                + " org.apache.felix.http.enable=false from its configuration");
            }
        }
    }

    /** At its start, Felix HTTP stops Jetty if there is neither a port nor a factory. It does not look for factories later. */
    private static void restart(Bundle felixHttp) {
        LOG.log(Level.INFO, "Felix HTTP started without a connector, so it is started again");
        try {
            felixHttp.stop(Bundle.STOP_TRANSIENT);
            felixHttp.start(Bundle.START_TRANSIENT);
        } catch (BundleException e) {
            LOG.log(Level.ERROR, "Felix HTTP cannot be started again", e);
        }
    }

    private void unregister() {
        if (registration != null) {
            registration.unregister();
            registration = null;
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        unregister();
    }

    private final class Factory implements ConnectorFactory {

        private final Settings settings;

        /** Whether Felix HTTP has asked for a connector. */
        private volatile boolean used;

        Factory(Settings settings) {
            this.settings = settings;
        }

        @Override
        public Connector createConnector(Server server) {
            used = true;
            return new SocketConnector(server, context, settings, accepting);
        }
    }
}
