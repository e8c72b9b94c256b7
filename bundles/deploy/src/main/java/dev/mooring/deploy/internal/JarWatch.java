package dev.mooring.deploy.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Watches the jars that bundles were installed from, by reference or not. A changed jar that was stable across two checks replaces the running
 * bundle. A jar that is not a bundle does not affect the running one.
 */
final class JarWatch {

    private static final Logger LOG = System.getLogger(JarWatch.class.getName());
    private static final String INSTALL_AREA = "osgi.install.area";
    private static final int NAMED = 10;

    private final BundleContext context;
    private final FrameworkWiring framework;
    private final Successor successors;
    private final Map<Bundle, Map<String, Object>> running = new HashMap<>();
    private final Map<Bundle, Map<String, Object>> seen = new HashMap<>();

    /** Bundles that were stopped for a replacement and must be started again; the lowest ID first. */
    private final NavigableSet<Bundle> stopped = new TreeSet<>();

    /** The bundles that were not replaced by their new jar. Each is tried again when another bundle was replaced, which it may need. */
    private final Set<Bundle> refused = new HashSet<>();

    /** The bundles that have been logged as not watched. */
    private final Set<Bundle> unwatched = new HashSet<>();

    /** The bundles whose jar has been logged as unreadable. */
    private final Set<Bundle> missing = new HashSet<>();

    JarWatch(BundleContext context) {
        this.context = context;
        framework = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
        successors = new Successor(context, framework);
    }

    /** Checks all bundles once. */
    void look() {
        try {
            forgetUninstalled();
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
                logUnwatched(added);
            }
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "The framework is stopping", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void forgetUninstalled() {
        for (Set<Bundle> known : List.of(running.keySet(), seen.keySet(), refused, unwatched, missing)) {
            known.removeIf(each -> each.getState() == Bundle.UNINSTALLED);
        }
    }

    private static void logUnwatched(List<String> bundles) {
        int more = bundles.size() - NAMED;
        LOG.log(
                Level.INFO,
                "Bundles that are not watched, because they were not installed from a file: {0}{1}. Update them with"
                        + " the framework''s own tools, or install them from file: locations",
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
            // A jar that is missing once may be in the middle of a replacement.
            Map<String, Object> before = seen.put(bundle, Map.of());
            if (running.containsKey(bundle) && Map.of().equals(before) && missing.add(bundle)) {
                LOG.log(
                        Level.WARNING,
                        "{0} continues to run, but {1} cannot be read: {2}; put a jar in its place to replace the bundle",
                        bundle.getSymbolicName(),
                        jar,
                        e);
            }
            return;
        }
        missing.remove(bundle);
        Map<String, Object> before = seen.put(bundle, state);
        // A jar from before the first check is the installed one, unless it was created or changed after the
        // installation.
        Map<String, Object> current = running.computeIfAbsent(
                bundle, unseen -> since.toMillis() > bundle.getLastModified() ? Map.of() : state);
        if (!state.equals(current) && state.equals(before)) {
            running.put(bundle, state);
            Bundle successor = replace(bundle, jar);
            running.put(successor, state);
            seen.put(successor, state);
        }
    }

    /** Replaces a bundle. Returns the bundle that runs then: another one, or the same with other content. */
    private Bundle replace(Bundle bundle, Path jar) throws InterruptedException {
        String version = bundle.getVersion().toString();
        Bundle successor = bundle;
        try {
            check(bundle, jar);
            if (successors.isPossible(bundle)) {
                successor = successors.replace(bundle);
            } else {
                update(bundle);
            }
            refused.remove(bundle);
            refused.forEach(each -> running.put(each, Map.of()));
            LOG.log(
                    Level.INFO,
                    "{0} {1} is replaced by {2} of {3}",
                    bundle.getSymbolicName(),
                    version,
                    successor.getVersion(),
                    jar);
        } catch (IOException | BundleException | RuntimeException | LinkageError e) {
            if (framework.getBundle().getState() == Bundle.STOPPING) {
                LOG.log(Level.DEBUG, "The framework is stopping", e);
                return successor;
            }
            refused.add(bundle);
            LOG.log(
                    Level.ERROR,
                    "{0} {1} is not replaced by {2}: {3}; put a valid jar in its place",
                    bundle.getSymbolicName(),
                    version,
                    jar,
                    e.getMessage());
            LOG.log(Level.DEBUG, "The stack trace of this error", e);
        }
        return successor;
    }

    private void update(Bundle bundle) throws BundleException, InterruptedException {
        try {
            stop(bundle);
            bundle.update();
            refresh(bundle);
        } finally {
            start();
        }
    }

    /** Stops a bundle and its dependents, the highest ID first. After a transient stop, the next start of the framework starts them again. */
    private void stop(Bundle bundle) throws BundleException {
        stopped.removeIf(each -> each.getState() == Bundle.UNINSTALLED);
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
        // A framework that is stopping may not refresh it.
        if (!refreshed.await(1, TimeUnit.MINUTES)) {
            LOG.log(Level.DEBUG, "{0} was not refreshed within a minute", bundle);
        }
    }

    /** Starts the stopped bundles. A bundle that cannot start is tried again after the next replacement. */
    private void start() throws BundleException {
        BundleException problem = null;
        stopped.removeIf(each -> each.getState() == Bundle.UNINSTALLED);
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

    /** Checks what can be checked before the running bundle is touched. Reads all entries, because a server would notice a damaged class only when it needs it. */
    private static void check(Bundle bundle, Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            if (manifest == null || manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME) == null) {
                throw new IOException("it is not a bundle");
            }
            String name = manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
            if (!name.replaceFirst(";.*", "").strip().equals(bundle.getSymbolicName())) {
                throw new IOException("it is another bundle, " + name);
            }
            Version.parseVersion(manifest.getMainAttributes().getValue(Constants.BUNDLE_VERSION));
            for (JarEntry entry : Collections.list(file.entries())) {
                try (CheckedInputStream in = new CheckedInputStream(file.getInputStream(entry), new CRC32())) {
                    in.transferTo(OutputStream.nullOutputStream());
                    if (in.getChecksum().getValue() != entry.getCrc()) {
                        throw new IOException(entry + " is damaged");
                    }
                }
            }
        }
    }
}
