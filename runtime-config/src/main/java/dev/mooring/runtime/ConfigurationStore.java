package dev.mooring.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Enumeration;
import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.cm.PersistenceManager;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/**
 * Keeps configurations in memory for Felix Configuration Admin, because the files already persist them. The framework registers it before Configuration Admin
 * starts.
 *
 * <p>It replaces Felix's own in-memory store ({@code felix.cm.pm = memory}), which removes a configuration for a moment while it stores it, without a
 * lock (1.9.26). File Install stores a configuration twice if it may not write the file. If Declarative Services read it in between, they found none,
 * and the edit was lost. This happened to one edit in four.
 *
 * <p>Instances are safe for use by several threads.
 */
final class ConfigurationStore implements PersistenceManager, BundleActivator {

    /** The value of {@code felix.cm.pm}. */
    static final String NAME = "mooring";

    private final Map<String, Dictionary<String, Object>> all = new ConcurrentHashMap<>();

    @Override
    public void start(BundleContext context) {
        context.registerService(
                PersistenceManager.class, this, new Hashtable<>(Map.of(PersistenceManager.PROPERTY_NAME, NAME)));
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters it.
    }

    @Override
    public boolean exists(String pid) {
        return all.containsKey(pid);
    }

    @Override
    public @Nullable Dictionary<String, Object> load(String pid) throws IOException {
        Dictionary<String, Object> found = all.get(pid);
        return found == null ? null : copy(found);
    }

    @Override
    public Enumeration<Dictionary<String, Object>> getDictionaries() {
        ArrayList<Dictionary<String, Object>> copies = new ArrayList<>();
        all.values().forEach(each -> copies.add(copy(each)));
        return Collections.enumeration(copies);
    }

    @Override
    @SuppressWarnings({"unchecked", "rawtypes"})
    public void store(String pid, Dictionary properties) {
        all.put(pid, copy((Dictionary<String, Object>) properties));
    }

    @Override
    public void delete(String pid) {
        all.remove(pid);
    }

    private static Dictionary<String, Object> copy(Dictionary<String, Object> properties) {
        Dictionary<String, Object> copy = new Hashtable<>();
        for (Enumeration<String> keys = properties.keys(); keys.hasMoreElements(); ) {
            String key = keys.nextElement();
            copy.put(key, properties.get(key));
        }
        return copy;
    }
}
