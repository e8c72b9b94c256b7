package dev.mooring.deploy.internal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * The jars that bundles were installed from, by reference or not. One that has become another, and has stayed the same for the time
 * of two looks, takes the place of the bundle. A jar that is no bundle leaves the running one alone.
 */
final class JarWatch {

    private static final Logger LOG = System.getLogger(JarWatch.class.getName());
    private static final String INSTALL_AREA = "osgi.install.area";
    private static final int NAMED = 10;

    private final BundleContext context;
    private final FrameworkWiring framework;
    private final Map<Bundle, Map<String, Object>> running = new HashMap<>();
    private final Map<Bundle, Map<String, Object>> seen = new HashMap<>();

    /** Active until they were stopped to be replaced, or because of that, and not started again yet; by their age. */
    private final NavigableSet<Bundle> stopped = new TreeSet<>();

    /** What it was said of that it is not watched, and that its jar is missing. */
    private final Set<Bundle> unwatched = new HashSet<>();

    private final Set<Bundle> missing = new HashSet<>();

    JarWatch(BundleContext context) {
        this.context = context;
        framework = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    }

    /** Looks once. */
    void look() {
        try {
            List<String> added = new ArrayList<>();
            for (Bundle bundle : context.getBundles()) {
                Path jar = JarLocation.of(bundle.getLocation(), context.getProperty(INSTALL_AREA));
                if (jar == null) {
                    if (bundle.getBundleId() != Constants.SYSTEM_BUNDLE_ID && unwatched.add(bundle)) {
                        added.add(bundle.getSymbolicName() + " (" + bundle.getLocation() + ")");
                    }
                } else if (bundle.getState() != Bundle.UNINSTALLED) {
                    look(bundle, jar);
                }
            }
            if (!added.isEmpty()) {
                sayThatTheyAreNotWatched(added);
            }
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "The framework stops", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void sayThatTheyAreNotWatched(List<String> bundles) {
        int more = bundles.size() - NAMED;
        LOG.log(
                Level.INFO,
                "Not replaced when their jars are, because they were not installed from a file: {0}{1}. Update them with"
                        + " the framework''s own means, or install them from file: locations",
                String.join(", ", bundles.subList(0, Math.min(NAMED, bundles.size()))),
                more > 0 ? " and " + more + " more" : "");
    }

    private void look(Bundle bundle, Path jar) throws InterruptedException {
        Map<String, Object> state;
        FileTime since;
        try {
            state = new HashMap<>(Files.readAttributes(jar, "unix:ino,size,lastModifiedTime,ctime"));
            since = (FileTime) state.remove("ctime");
        } catch (IOException e) {
            // It is on its way if it is missing once.
            Map<String, Object> before = seen.put(bundle, Map.of());
            if (running.containsKey(bundle) && Map.of().equals(before) && missing.add(bundle)) {
                LOG.log(
                        Level.WARNING,
                        "{0} goes on, and {1} cannot be seen any more: {2}; put a jar in its place to replace the bundle",
                        bundle.getSymbolicName(),
                        jar,
                        e);
            }
            return;
        }
        missing.remove(bundle);
        Map<String, Object> before = seen.put(bundle, state);
        // What was there before the first look was installed, unless the file got its name or content after that.
        Map<String, Object> current = running.computeIfAbsent(
                bundle, unseen -> since.toMillis() > bundle.getLastModified() ? Map.of() : state);
        if (!state.equals(current) && state.equals(before)) {
            running.put(bundle, state);
            replace(bundle, jar);
        }
    }

    private void replace(Bundle bundle, Path jar) throws InterruptedException {
        String version = bundle.getVersion().toString();
        try {
            check(bundle, jar);
            try {
                stop(bundle);
                bundle.update();
                refresh(bundle);
            } finally {
                start();
            }
            LOG.log(
                    Level.INFO,
                    "{0} {1} is replaced by {2} of {3}",
                    bundle.getSymbolicName(),
                    version,
                    bundle.getVersion(),
                    jar);
        } catch (IOException | BundleException e) {
            LOG.log(
                    Level.ERROR,
                    "{0} {1} is not replaced by {2}: {3}; put a good jar in its place",
                    bundle.getSymbolicName(),
                    version,
                    jar,
                    e.getMessage());
        }
    }

    /** Stops it and those that use it, the youngest first. Stopped so, each is started again by the next start of the framework. */
    private void stop(Bundle bundle) throws BundleException {
        framework.getDependencyClosure(List.of(bundle)).stream()
                .filter(each -> each.getState() == Bundle.ACTIVE)
                .forEach(stopped::add);
        for (Bundle each : stopped.descendingSet()) {
            each.stop(Bundle.STOP_TRANSIENT);
        }
    }

    private void refresh(Bundle bundle) throws InterruptedException {
        CountDownLatch refreshed = new CountDownLatch(1);
        framework.refreshBundles(List.of(bundle), event -> refreshed.countDown());
        // A framework that is about to stop may not come to it.
        if (!refreshed.await(1, TimeUnit.MINUTES)) {
            LOG.log(Level.DEBUG, "{0} is not refreshed", bundle);
        }
    }

    /** Starts what was stopped. What cannot be started is tried again after the next jar. */
    private void start() throws BundleException {
        BundleException problem = null;
        for (Bundle each : List.copyOf(stopped)) {
            try {
                each.start(Bundle.START_TRANSIENT);
                stopped.remove(each);
            } catch (BundleException e) {
                if (problem == null) {
                    problem = e;
                }
            }
        }
        if (problem != null) {
            throw problem;
        }
    }

    private static void check(Bundle bundle, Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            String name = file.getManifest() == null
                    ? null
                    : file.getManifest().getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
            if (name == null || !name.split(";")[0].strip().equals(bundle.getSymbolicName())) {
                throw new IOException(name == null ? "it is no bundle" : "it is another bundle, " + name);
            }
        }
    }
}
