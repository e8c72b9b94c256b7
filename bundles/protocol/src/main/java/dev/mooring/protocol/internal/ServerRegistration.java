package dev.mooring.protocol.internal;

import dev.mooring.protocol.ProtocolServer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.BundleReference;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;

/** The service of a server. This bundle registers it, because the server's own bundle may stop long before the server has drained. */
public final class ServerRegistration {

    private static final Logger LOG = System.getLogger(ServerRegistration.class.getName());

    private final ServiceRegistration<ProtocolServer> registration;
    private final Dictionary<String, Object> properties;

    private ServerRegistration(
            ServiceRegistration<ProtocolServer> registration, Dictionary<String, Object> properties) {
        this.registration = registration;
        this.properties = properties;
    }

    /**
     * Finds the bundle of a component.
     *
     * @param component a class of the bundle
     * @return the bundle; {@code null} if there is no framework
     */
    public static @Nullable Object bundle(Class<?> component) {
        return FrameworkUtil.getBundle(component);
    }

    /**
     * Registers a server, if there is a framework.
     *
     * @param server the server
     * @param component a class of the bundle that the server belongs to
     */
    public static @Nullable ServerRegistration of(ProtocolServer server, Class<?> component) {
        Bundle bundle = FrameworkUtil.getBundle(ServerRegistration.class);
        BundleContext context = bundle == null ? null : bundle.getBundleContext();
        return context == null ? null : of(context, server, FrameworkUtil.getBundle(component));
    }

    /** Registers a server. */
    static ServerRegistration of(BundleContext context, ProtocolServer server, @Nullable Bundle owner) {
        Dictionary<String, Object> properties = new Hashtable<>();
        if (owner != null) {
            properties.put(ProtocolServer.SERVER_BUNDLE, owner.getBundleId());
        }
        properties.put(ProtocolServer.SERVER_NAME, server.name());
        properties.put(ProtocolServer.SERVER_PROTOCOL, server.protocol());
        return new ServerRegistration(context.registerService(ProtocolServer.class, server, properties), properties);
    }

    /**
     * Loads every class of a bundle, and the Mooring classes that it uses. A draining server may need a class for the first time long after the bundle
     * was updated, and a refresh closes the old content. So this also initialises them, because some then read a resource. Classes that another loader has,
     * such as that of the class path, stay available.
     */
    public static void loadClasses(Class<?> ofBundle) {
        Bundle bundle = FrameworkUtil.getBundle(ofBundle);
        BundleWiring wiring = bundle == null ? null : bundle.adapt(BundleWiring.class);
        if (wiring == null) {
            return;
        }
        long start = System.nanoTime();
        int loaded = load(wiring, "/");
        List<BundleWire> wires = wiring.getRequiredWires(PackageNamespace.PACKAGE_NAMESPACE);
        if (wires == null) {
            return; // the bundle was uninstalled meanwhile
        }
        for (BundleWire wire : wires) {
            if (wire.getProvider().getSymbolicName().startsWith("dev.mooring.")) {
                loaded += load(wire.getProviderWiring(), "/dev/mooring");
            }
        }
        LOG.log(
                Level.DEBUG,
                "{0} classes of {1} loaded in {2} ms",
                loaded,
                bundle,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    private static int load(BundleWiring wiring, String path) {
        ClassLoader loader = wiring.getClassLoader();
        // The class loader of a bundle is one, that of the class path is not.
        if (!(loader instanceof BundleReference)) {
            return 0;
        }
        Collection<String> files = wiring.listResources(
                path, "*.class", BundleWiring.LISTRESOURCES_RECURSE | BundleWiring.LISTRESOURCES_LOCAL);
        if (files == null) {
            return 0;
        }
        String own = wiring.getBundle().getSymbolicName() + ".";
        for (String file : files) {
            if (!file.startsWith("META-INF/") && !file.equals("module-info.class")) {
                String name =
                        file.substring(0, file.length() - ".class".length()).replace('/', '.');
                try {
                    Class.forName(name, name.startsWith(own), loader);
                } catch (ClassNotFoundException | LinkageError e) {
                    LOG.log(Level.TRACE, "The class needs an optional package that is absent", e);
                }
            }
        }
        return files.size();
    }

    /** Whether the framework stops, so that no other server takes over from those that it stops. */
    public static boolean frameworkStops() {
        Bundle bundle = FrameworkUtil.getBundle(ServerRegistration.class);
        BundleContext context = bundle == null ? null : bundle.getBundleContext();
        Bundle framework = context == null ? null : context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION);
        return framework != null && framework.getState() == Bundle.STOPPING;
    }

    /**
     * Stops a bundle until the next start of the framework.
     *
     * @param classOfBundle a class of the bundle
     */
    public static void stopBundle(Class<?> classOfBundle) {
        Bundle bundle = FrameworkUtil.getBundle(classOfBundle);
        try {
            if (bundle != null) {
                bundle.stop(Bundle.STOP_TRANSIENT);
            }
        } catch (BundleException | IllegalStateException e) {
            LOG.log(Level.DEBUG, "The bundle is being stopped or uninstalled", e);
        }
    }

    /** Notes that the server no longer accepts connections. */
    public void drains() {
        try {
            properties.put(ProtocolServer.SERVER_DRAINING, true);
            registration.setProperties(properties);
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "The service was unregistered when this bundle stopped", e);
        }
    }

    /** Unregisters the service. */
    public void end() {
        try {
            registration.unregister();
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "The service was unregistered when this bundle stopped", e);
        }
    }
}
