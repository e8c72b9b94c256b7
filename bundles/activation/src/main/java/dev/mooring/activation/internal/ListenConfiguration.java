package dev.mooring.activation.internal;

import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.cm.ManagedService;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The configuration of the traditional start, if there is a Configuration Admin (OSGi Compendium, 104.5). */
final class ListenConfiguration implements ManagedService {

    /** The configuration {@code dev.mooring.activation}. */
    @ObjectClassDefinition(pid = Activator.PID, name = "Mooring sockets")
    @interface Config {
        /** Entries {@code NAME=ADDRESS}, an array or separated by commas. */
        @AttributeDefinition(
                description = "Addresses to bind if the process was not activated: NAME=HOST:PORT, NAME=[IPV6]:PORT,"
                        + " NAME=PORT or NAME=unix:/PATH")
        String[] listen() default {};
    }

    private static final String LISTEN = "listen";

    private final TraditionalStart traditional;

    private ListenConfiguration(TraditionalStart traditional) {
        this.traditional = traditional;
    }

    static void register(BundleContext context, TraditionalStart traditional) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(Constants.SERVICE_PID, Activator.PID);
        context.registerService(ManagedService.class, new ListenConfiguration(traditional), properties);
    }

    @Override
    public void updated(@Nullable Dictionary<String, ?> configuration) {
        Object value = configuration == null ? null : configuration.get(LISTEN);
        traditional.listen(value == null ? null : entries(value));
        if (configuration != null) {
            Set<String> unknown = new TreeSet<>(Collections.list(configuration.keys()));
            unknown.removeIf(key -> key.equals(LISTEN) || key.contains("."));
            if (!unknown.isEmpty()) {
                System.getLogger(Activator.PID)
                        .log(
                                Level.WARNING,
                                Activator.PID + " has no configuration key " + unknown + "; it has: listen");
            }
        }
    }

    private static List<String> entries(Object value) {
        Stream<?> values = value instanceof Object[] array
                ? Stream.of(array)
                : value instanceof Collection<?> collection ? collection.stream() : Stream.of(value);
        return values.flatMap(text -> Activator.list(text.toString()).stream()).toList();
    }
}
