package dev.mooring.runtime;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.felix.main.AutoProcessor;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;

/**
 * The bundles that no client waits for: those of the last start level, and protocols without a configuration. They are installed after the others have started.
 *
 * @param levels the start levels by location
 * @param first the locations of the other shipped bundles
 */
record LaterBundles(Map<String, Integer> levels, List<String> first) {

    private static final Pattern LOCATION = Pattern.compile("\"[^\"]*\"|\\S+");
    private static final int LAST_LEVEL = 3;

    /** Removes these bundles from the configuration. */
    static LaterBundles of(Map<String, String> configuration) {
        Map<String, Integer> later = new LinkedHashMap<>();
        List<String> first = new ArrayList<>();
        List<String> configured =
                List.of(System.getProperty("mooring.protocols", "").split("\\+"));
        for (int level = 1; level <= LAST_LEVEL; level++) {
            String key = AutoProcessor.AUTO_START_PROP + "." + level;
            StringJoiner now = new StringJoiner(" ");
            Matcher locations = LOCATION.matcher(configuration.getOrDefault(key, ""));
            while (locations.find()) {
                String bundle = locations.group();
                boolean unused = !configured.contains("")
                        && Main.PROTOCOLS.stream()
                                .anyMatch(each -> bundle.endsWith("/dev.mooring." + each + ".jar\"")
                                        && !configured.contains(each));
                if (bundle.startsWith("\"") && (unused || level == LAST_LEVEL)) {
                    later.put(bundle.substring(1, bundle.length() - 1), level);
                } else {
                    now.add(bundle);
                    if (bundle.startsWith("\"")) {
                        first.add(bundle.substring(1, bundle.length() - 1));
                    }
                }
            }
            configuration.put(key, now.toString());
        }
        return new LaterBundles(later, first);
    }

    /**
     * Checks that the other bundles were installed. Felix only prints a bundle that cannot be, for example because the disk is full, and would run without it.
     *
     * @throws BundleException if one is missing
     */
    void checkFirst(BundleContext context) throws BundleException {
        for (String each : first) {
            if (context.getBundle(each) == null) {
                throw new BundleException(each + " was not installed, see the message above.");
            }
        }
    }

    /** Installs and starts these bundles. If the framework stops meanwhile, the next call installs the rest. One thread at a time calls it. */
    void install(Framework framework) {
        for (Iterator<Map.Entry<String, Integer>> left = levels.entrySet().iterator(); left.hasNext(); ) {
            Map.Entry<String, Integer> each = left.next();
            try {
                if (framework.getState() != Bundle.ACTIVE) {
                    return;
                }
                Bundle bundle = framework.getBundleContext().installBundle(each.getKey());
                bundle.adapt(BundleStartLevel.class).setStartLevel(each.getValue());
                bundle.start();
            } catch (BundleException | IllegalStateException e) {
                if (framework.getState() != Bundle.ACTIVE) {
                    return;
                }
                System.err.println(each.getKey() + " is not there: " + e.getMessage());
            }
            left.remove();
        }
    }
}
