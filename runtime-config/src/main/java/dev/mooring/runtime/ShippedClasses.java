package dev.mooring.runtime;

import java.net.URL;
import java.security.CodeSource;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.connect.FrameworkUtilHelper;
import org.osgi.framework.launch.Framework;

/** Finds the bundle of a class on the class path, for {@link org.osgi.framework.FrameworkUtil#getBundle(Class)}. */
public final class ShippedClasses implements FrameworkUtilHelper {

    /** Used by {@link org.osgi.framework.FrameworkUtil}. */
    public ShippedClasses() {
        // Nothing to initialise.
    }

    @Override
    public Optional<Bundle> getBundle(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        Framework framework = Main.framework();
        if (source == null || framework == null || type.getClassLoader() != Main.class.getClassLoader()) {
            return Optional.empty();
        }
        String jar = name(source.getLocation());
        for (Bundle bundle : framework.getBundleContext().getBundles()) {
            if (bundle.getLocation().endsWith(jar)) {
                return Optional.of(bundle);
            }
        }
        return Optional.empty();
    }

    private static String name(URL jar) {
        String path = jar.getPath();
        return path.substring(path.lastIndexOf('/'));
    }
}
