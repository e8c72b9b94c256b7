package dev.mooring.systemd.internal;

import dev.mooring.systemd.SystemdService;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.cm.ManagedService;

/** Receives the configuration of this bundle and changes of others, if there is a Configuration Admin (OSGi Compendium, 104.5). */
final class ConfigurationUpdates implements ManagedService, ConfigurationListener {

    private static final String OURS = "dev.mooring.";

    private final SystemdService service;

    private ConfigurationUpdates(SystemdService service) {
        this.service = service;
    }

    static void register(BundleContext context, SystemdService service) {
        ConfigurationUpdates configuration = new ConfigurationUpdates(service);
        context.registerService(ConfigurationListener.class, configuration, null);
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(Constants.SERVICE_PID, SystemdService.PID);
        context.registerService(ManagedService.class, configuration, properties);
    }

    @Override
    public void configurationEvent(ConfigurationEvent event) {
        String pid = event.getFactoryPid() == null ? event.getPid() : event.getFactoryPid();
        if (pid.startsWith(OURS)) {
            service.changed();
        }
    }

    @Override
    public void updated(@Nullable Dictionary<String, ?> configuration) {
        service.configure(configuration == null ? Map.of() : FrameworkUtil.asMap(configuration));
    }
}
