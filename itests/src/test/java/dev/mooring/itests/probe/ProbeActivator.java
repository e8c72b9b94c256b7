package dev.mooring.itests.probe;

import dev.mooring.activation.NamedSockets;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.function.Function;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** The probe as a bundle, which answers through a service. */
public final class ProbeActivator implements BundleActivator {

    @Override
    public void start(BundleContext context) {
        Probe probe = new Probe(() -> sockets(context));
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("probe", "yes");
        Function<String, ?> answers = probe::answers;
        context.registerService(Function.class, answers, properties);
    }

    private static NamedSockets sockets(BundleContext context) {
        ServiceReference<NamedSockets> reference = context.getServiceReference(NamedSockets.class);
        if (reference == null) {
            throw new IllegalStateException("the service NamedSockets does not exist");
        }
        return context.getService(reference);
    }

    @Override
    public void stop(BundleContext context) {
        // Leaves the probe's channels open.
    }
}
