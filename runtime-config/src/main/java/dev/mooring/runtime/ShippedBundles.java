package dev.mooring.runtime;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.connect.ConnectModule;
import org.osgi.framework.connect.ModuleConnector;
import org.osgi.framework.launch.Framework;

/**
 * The bundles on the class path (OSGi Core 8, chapter 60, Connect). A bundle has the location {@code file:…/bundles/NAME.jar}. If this file exists, it is
 * an ordinary bundle, with which an operator replaces the shipped one. If not, it is the jar of this name on the class path. Felix asks again at every
 * update.
 */
final class ShippedBundles implements ModuleConnector {

    private static final Logger LOG = System.getLogger("dev.mooring.runtime");
    private static final String FILE = "file:";

    private final Map<String, Path> jars = new HashMap<>();

    /** The directory of the framework. Set before it connects bundles. */
    private volatile @Nullable File storage;

    ShippedBundles(String classPath) {
        for (String each : classPath.split(File.pathSeparator)) {
            Path jar = Path.of(each);
            jars.put(jar.getFileName().toString(), jar);
        }
    }

    @Override
    public void initialize(@Nullable File directory, Map<String, String> configuration) {
        storage = directory;
    }

    @Override
    public Optional<ConnectModule> connect(String location) throws BundleException {
        if (!location.startsWith(FILE)) {
            return Optional.empty();
        }
        // dev.mooring.deploy installs a replacement beside the running bundle, with a number after the path.
        String file = location.substring(FILE.length()).replaceFirst("\\?\\d+$", "");
        Path shipped = jars.get(file.substring(file.lastIndexOf('/') + 1));
        Path other = Path.of(file);
        if (shipped == null) {
            return Optional.empty();
        }
        if (Files.exists(other)) {
            try {
                return compare(other, shipped)
                        ? Optional.of(() -> ShippedBundle.replacement(location, other, storage))
                        : Optional.empty();
            } catch (IOException | IllegalArgumentException e) {
                if (!location.endsWith(file)) {
                    throw new BundleException("it is no bundle: " + e.getMessage(), e);
                }
                LOG.log(
                        Level.ERROR,
                        "{0} is no bundle ({1}), so {2} is used; put a good jar in its place or remove it",
                        other,
                        e.getMessage(),
                        shipped);
            }
        }
        if (!location.endsWith(file)) {
            throw new BundleException("it was removed");
        }
        return Optional.of(() -> ShippedBundle.onClassPath(location, shipped));
    }

    /**
     * Logs which jar is used: after an upgrade of the distribution an older one in bundles/ would silently hide the new one.
     *
     * @return whether the other jar can use the libraries of the shipped one
     */
    private static boolean compare(Path other, Path shipped) throws IOException {
        try (JarFile otherJar = new JarFile(other.toFile());
                JarFile shippedJar = new JarFile(shipped.toFile())) {
            Version used = version(otherJar);
            Version hidden = version(shippedJar);
            boolean older = used.compareTo(hidden) < 0;
            LOG.log(
                    older ? Level.WARNING : Level.INFO,
                    "{0} ({1}) is used in place of {2} ({3}){4}",
                    other,
                    used,
                    shipped,
                    hidden,
                    older ? ", which is newer; remove it to use that" : "");
            return ShippedBundle.hasLibrariesOf(otherJar, shipped);
        }
    }

    private static Version version(JarFile jar) throws IOException {
        Manifest manifest = jar.getManifest();
        if (manifest == null || manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME) == null) {
            throw new IOException("it has no " + Constants.BUNDLE_SYMBOLICNAME);
        }
        return Version.parseVersion(manifest.getMainAttributes().getValue(Constants.BUNDLE_VERSION));
    }

    @Override
    public Optional<BundleActivator> newBundleActivator() {
        return Optional.of(new ConfigurationStore());
    }

    /** The bundle of a location. */
    static @Nullable Bundle bundle(String location) {
        Framework framework = Main.framework();
        return framework == null || framework.getBundleContext() == null
                ? null
                : framework.getBundleContext().getBundle(location);
    }
}
