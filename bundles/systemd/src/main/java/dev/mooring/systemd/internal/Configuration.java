package dev.mooring.systemd.internal;

import dev.mooring.systemd.SystemdService;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.cm.ManagedService;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration, where there is a Configuration Admin (OSGi Compendium, 104.5): this bundle's, and that others' change. */
final class Configuration implements ManagedService, ConfigurationListener {

    /** The configuration {@code dev.mooring.systemd}. */
    @ObjectClassDefinition(pid = Activator.PID, name = "Mooring as a service of systemd")
    @interface Config {

        /** How long nobody may have come before the process ends. */
        @AttributeDefinition(
                description = "Seconds without a client after which a process that was activated ends; 0 for never")
        long idle_exit() default 0;
    }

    private static final Logger LOG = System.getLogger(Activator.PID);
    private static final String IDLE_EXIT = "idle.exit";
    private static final String OURS = "dev.mooring.";

    private final SystemdService service;

    private Configuration(SystemdService service) {
        this.service = service;
    }

    static void register(BundleContext context, SystemdService service) {
        Configuration configuration = new Configuration(service);
        context.registerService(ConfigurationListener.class, configuration, null);
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(Constants.SERVICE_PID, Activator.PID);
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
        Map<String, Object> properties = new HashMap<>();
        if (configuration != null) {
            Collections.list(configuration.keys()).forEach(key -> properties.put(key, configuration.get(key)));
            new dev.mooring.share.Configuration(Config.class, properties).warnOfUnknown(LOG);
        }
        String seconds = String.valueOf(properties.getOrDefault(IDLE_EXIT, 0)).strip();
        if (seconds.matches("\\d{1,9}")) {
            service.setIdleExit(Duration.ofSeconds(Long.parseLong(seconds)));
        } else {
            LOG.log(
                    Level.ERROR,
                    "{0}: {1} = ''{2}'' is no time, so the process does not end by itself; write it in seconds, 0 for never",
                    Activator.PID,
                    IDLE_EXIT,
                    seconds);
            service.setIdleExit(Duration.ZERO);
        }
    }
}
