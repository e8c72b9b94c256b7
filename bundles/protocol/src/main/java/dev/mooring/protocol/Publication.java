package dev.mooring.protocol;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Dictionary;
import java.util.Hashtable;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/** A server as a service of this bundle, not of its own: that may be stopped long before the server has drained. */
final class Publication {

    private static final Logger LOG = System.getLogger(Publication.class.getName());

    private final ServiceRegistration<ProtocolServer> registration;

    private Publication(ServiceRegistration<ProtocolServer> registration) {
        this.registration = registration;
    }

    /** Publishes a server, unless there is no framework. */
    static @Nullable Publication of(ProtocolServer server) {
        Bundle bundle = FrameworkUtil.getBundle(Publication.class);
        BundleContext context = bundle == null ? null : bundle.getBundleContext();
        if (context == null) {
            return null;
        }
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(ProtocolServer.SERVER_NAME, server.name());
        properties.put(ProtocolServer.SERVER_PROTOCOL, server.protocol());
        return new Publication(context.registerService(ProtocolServer.class, server, properties));
    }

    void end() {
        try {
            registration.unregister();
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "This bundle was stopped before", e);
        }
    }
}
