package dev.mooring.felix.http.internal;

import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.ManagedService;

/** Receives the configuration of this bundle, if there is a Configuration Admin (OSGi Compendium, 104.5). */
final class ConfigurationUpdates implements ManagedService {

    private final FactoryRegistration factory;

    private ConfigurationUpdates(FactoryRegistration factory) {
        this.factory = factory;
    }

    static void register(BundleContext context, FactoryRegistration factory) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(Constants.SERVICE_PID, Activator.PID);
        context.registerService(ManagedService.class, new ConfigurationUpdates(factory), properties);
    }

    @Override
    public void updated(@Nullable Dictionary<String, ?> configuration) {
        factory.configure(configuration == null ? Map.of() : FrameworkUtil.asMap(configuration));
        factory.accept();
    }
}
