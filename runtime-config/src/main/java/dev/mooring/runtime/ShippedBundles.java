package dev.mooring.runtime;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.connect.ConnectModule;
import org.osgi.framework.connect.ModuleConnector;
import org.osgi.framework.launch.Framework;

/**
 * The bundles that are on the class path (OSGi Core 8, chapter 60, Connect). A bundle is asked for by the location
 * {@code file:…/bundles/NAME.jar}. If there is such a file, it is an ordinary bundle: an operator has put it there, in the
 * place of the shipped one. If not, it is the jar of that name on the class path. Felix asks again at every update.
 */
final class ShippedBundles implements ModuleConnector {

    private static final String FILE = "file:";

    private final Map<String, Path> jars = new HashMap<>();

    ShippedBundles(String classPath) {
        for (String each : classPath.split(File.pathSeparator)) {
            Path jar = Path.of(each);
            jars.put(jar.getFileName().toString(), jar);
        }
    }

    @Override
    public void initialize(@Nullable File storage, Map<String, String> configuration) {
        // Felix keeps what there is to keep.
    }

    @Override
    public Optional<ConnectModule> connect(String location) {
        if (!location.startsWith(FILE) || Files.exists(Path.of(location.substring(FILE.length())))) {
            return Optional.empty();
        }
        Path shipped = jars.get(location.substring(location.lastIndexOf('/') + 1));
        return Optional.ofNullable(shipped).map(jar -> () -> new ShippedBundle(location, jar));
    }

    @Override
    public Optional<BundleActivator> newBundleActivator() {
        return Optional.of(new ConfigurationStore());
    }

    /** The bundle that was asked for by a location. */
    static @Nullable Bundle bundle(String location) {
        Framework framework = Main.framework();
        return framework == null || framework.getBundleContext() == null
                ? null
                : framework.getBundleContext().getBundle(location);
    }
}
