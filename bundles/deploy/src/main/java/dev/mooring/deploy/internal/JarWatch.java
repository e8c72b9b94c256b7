package dev.mooring.deploy.internal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * The jars that bundles were installed from, by reference or not. One that has become another, and has stayed the same for the time
 * of two looks, takes the place of the bundle: the bundle is updated, and refreshed. A jar that is no bundle leaves the running
 * one alone.
 */
final class JarWatch {

    private static final Logger LOG = System.getLogger(JarWatch.class.getName());
    private static final String FILE = "file:";

    private final BundleContext context;
    private final Map<Bundle, Object> running = new HashMap<>();
    private final Map<Bundle, Object> seen = new HashMap<>();

    JarWatch(BundleContext context) {
        this.context = context;
    }

    /** Looks once. */
    void look() {
        try {
            for (Bundle bundle : context.getBundles()) {
                Path jar = jar(bundle.getLocation());
                if (jar != null && bundle.getState() != Bundle.UNINSTALLED) {
                    look(bundle, jar);
                }
            }
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "The framework stops", e);
        }
    }

    private static @Nullable Path jar(String location) {
        int file = location.indexOf(FILE);
        return file < 0 ? null : Path.of(location.substring(file + FILE.length()));
    }

    private void look(Bundle bundle, Path jar) {
        Object state;
        try {
            state = List.of(Files.getAttribute(jar, "unix:ino"), Files.getLastModifiedTime(jar), Files.size(jar));
        } catch (IOException e) {
            // It is on its way, or was taken away: the bundle goes on.
            return;
        }
        Object before = seen.put(bundle, state);
        Object current = running.putIfAbsent(bundle, state);
        if (current != null && !state.equals(current) && state.equals(before)) {
            running.put(bundle, state);
            replace(bundle, jar);
        }
    }

    private void replace(Bundle bundle, Path jar) {
        String version = bundle.getVersion().toString();
        try {
            check(bundle, jar);
            bundle.update();
            context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                    .adapt(FrameworkWiring.class)
                    .refreshBundles(List.of(bundle));
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
