package dev.mooring.runtime;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleReference;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;

/**
 * The classes of a bundle that has the same libraries as the class path. The bundle's own classes come from its jar, those of its libraries from the class
 * path. So its replacement uses libraries that are loaded and compiled.
 *
 * <p>A class of a library may keep a class of the first bundle that used it, and with it this loader, for as long as the process runs.
 */
final class BundleClasses extends ClassLoader implements BundleReference {

    static {
        registerAsParallelCapable();
    }

    private final BundleWiring wiring;
    private final Bundle bundle;
    private final ShippedBundle content;

    /** The symbolic name and a dot, with which the names of the bundle's classes begin. */
    private final String prefix;

    /** The class loaders of imported packages. */
    private final Map<String, ClassLoader> imported = new HashMap<>();

    BundleClasses(BundleWiring wiring, ShippedBundle content, ClassLoader classPath) {
        super(classPath);
        this.wiring = wiring;
        this.content = content;
        bundle = wiring.getBundle();
        prefix = bundle.getSymbolicName() + ".";
        for (BundleWire wire : wiring.getRequiredWires(PackageNamespace.PACKAGE_NAMESPACE)) {
            BundleWiring provider = wire.getProviderWiring();
            // The framework's own packages are on the class path.
            if (provider.getBundle().getBundleId() != 0) {
                String name = (String) wire.getCapability().getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE);
                imported.put(name, provider.getClassLoader());
            }
        }
    }

    @Override
    public Bundle getBundle() {
        return bundle;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            ClassLoader provider = imported.get(name.substring(0, Math.max(0, name.lastIndexOf('.'))));
            if (provider != null) {
                return provider.loadClass(name);
            }
            // A class of the bundle that its jar does not have must not come from the shipped jar.
            boolean own =
                    name.startsWith(prefix) || content.getEntry(file(name)).isPresent();
            return own ? findClass(name) : getParent().loadClass(name);
        }
    }

    private static String file(String className) {
        return className.replace('.', '/') + ".class";
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        try {
            byte[] code = content.getEntry(file(name))
                    .orElseThrow(() -> new ClassNotFoundException(
                            name + " is not in " + bundle.getLocation() + ", or that is closed"))
                    .getBytes();
            return defineClass(name, code, 0, code.length);
        } catch (IOException | IllegalStateException e) { // of a jar that is being closed
            throw new ClassNotFoundException(name + " cannot be read from " + bundle.getLocation(), e);
        }
    }

    /** The bundle's own resource: the class path has that of the shipped bundle. */
    @Override
    public @Nullable URL getResource(String name) {
        URL own = findResource(name);
        return own != null || isOwn(name) ? own : getParent().getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        return isOwn(name) ? findResources(name) : super.getResources(name);
    }

    private boolean isOwn(String resource) {
        return resource.startsWith(prefix.replace('.', '/'));
    }

    /** That of this revision: the bundle may have been updated, or uninstalled, while its server drains. */
    @Override
    protected @Nullable URL findResource(String name) {
        int slash = name.lastIndexOf('/');
        List<URL> found = wiring.findEntries("/" + name.substring(0, Math.max(0, slash)), name.substring(slash + 1), 0);
        return found == null || found.isEmpty() ? null : found.get(0);
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        URL own = findResource(name);
        return Collections.enumeration(own == null ? List.of() : List.of(own));
    }
}
