package dev.mooring.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.connect.ConnectContent;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;

/**
 * A bundle whose jar is on the class path. Its libraries are not inside the jar but beside it, under the same names.
 */
final class ShippedBundle implements ConnectContent {

    private static final ClassLoader CLASS_PATH = ShippedBundle.class.getClassLoader();
    private static final String LIBRARIES = "META-INF/lib/";

    private final String location;
    private final Path jar;
    private final Path beside;
    private final boolean onClassPath;
    private @Nullable JarFile file;

    ShippedBundle(String location, Path jar) {
        this(location, jar, jar, true);
    }

    private ShippedBundle(String location, Path jar, Path beside, boolean onClassPath) {
        this.location = location;
        this.jar = jar;
        this.beside = beside;
        this.onClassPath = onClassPath;
    }

    /** A jar that replaces a shipped one and does not contain its libraries either. It uses the libraries beside the shipped one. */
    static ShippedBundle withoutLibraries(String location, Path jar, Path shipped) {
        return new ShippedBundle(location, jar, shipped, false);
    }

    @Override
    public Optional<Map<String, String>> getHeaders() {
        return Optional.empty();
    }

    @Override
    public Iterable<String> getEntries() throws IOException {
        return file().stream().map(ZipEntry::getName).toList();
    }

    @Override
    public Optional<ConnectEntry> getEntry(String path) {
        try {
            ZipEntry entry = file().getEntry(path);
            if (entry != null) {
                return Optional.of(new InJar(file(), entry));
            }
            Path library = beside.resolveSibling(path.substring(path.lastIndexOf('/') + 1));
            return path.startsWith(LIBRARIES) && path.endsWith(".jar") && Files.exists(library)
                    ? Optional.of(new Library(path, library))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * The class loader of the class path. Empty if a bundle that this one is wired to was replaced: then Felix loads the classes itself, so that they see
     * the new ones. Felix calls this once for each wiring.
     */
    @Override
    public Optional<ClassLoader> getClassLoader() {
        if (!onClassPath) {
            return Optional.empty();
        }
        Bundle bundle = ShippedBundles.bundle(location);
        BundleWiring wiring = bundle == null ? null : bundle.adapt(BundleWiring.class);
        if (wiring != null) {
            for (BundleWire wire : wiring.getRequiredWires(null)) {
                BundleWiring provider = wire.getProviderWiring();
                if (provider.getBundle().getBundleId() != 0 && provider.getClassLoader() != CLASS_PATH) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(CLASS_PATH);
    }

    @Override
    public synchronized void open() throws IOException {
        if (file == null) {
            file = new JarFile(jar.toFile());
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    private synchronized JarFile file() throws IOException {
        open();
        return Objects.requireNonNull(file);
    }

    private record InJar(JarFile file, ZipEntry entry) implements ConnectEntry {

        @Override
        public String getName() {
            return entry.getName();
        }

        @Override
        public long getContentLength() {
            return entry.getSize();
        }

        @Override
        public long getLastModified() {
            return entry.getTime();
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return file.getInputStream(entry);
        }
    }

    private record Library(String name, Path jar) implements ConnectEntry {

        @Override
        public String getName() {
            return name;
        }

        @Override
        public long getContentLength() {
            return jar.toFile().length();
        }

        @Override
        public long getLastModified() {
            return jar.toFile().lastModified();
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return Files.newInputStream(jar);
        }
    }
}
