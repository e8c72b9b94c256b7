package dev.mooring.runtime;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.connect.ConnectContent;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;

/**
 * A bundle whose libraries are on the class path: a shipped one, which is there itself, or a jar that replaces it.
 */
final class ShippedBundle implements ConnectContent {

    private static final long STARTED = System.currentTimeMillis();
    private static final ClassLoader CLASS_PATH = ShippedBundle.class.getClassLoader();

    /** The capability that jars without their libraries require. */
    private static final String WITHOUT_LIBRARIES = "dev.mooring.libraries";

    private final String location;
    private final Path jar;
    private final boolean onClassPath;
    private final @Nullable File temporary;

    /** Guarded by this. */
    private @Nullable JarFile file;

    private ShippedBundle(String location, Path jar, boolean onClassPath, @Nullable File temporary) {
        this.location = location;
        this.jar = jar;
        this.onClassPath = onClassPath;
        this.temporary = temporary;
    }

    /** A shipped bundle. */
    static ShippedBundle onClassPath(String location, Path jar) {
        return new ShippedBundle(location, jar, true, null);
    }

    /**
     * A jar that replaces a shipped one, and {@linkplain #hasLibrariesOf has its libraries}.
     *
     * @param temporary the directory for a copy of the jar, as Felix makes one of other bundles: the jar may be overwritten at any time
     */
    static ShippedBundle replacement(String location, Path jar, @Nullable File temporary) {
        return new ShippedBundle(location, jar, false, temporary);
    }

    /**
     * Whether a jar can use the libraries beside a shipped one: it comes without its libraries, as those in {@code modules/} do, or contains the very same
     * and no others. Libraries that were replaced since the start of this process are not those that it has loaded.
     *
     * @param jar a bundle
     * @param shipped the jar that it replaces
     */
    static boolean hasLibrariesOf(JarFile jar, Path shipped) throws IOException {
        Attributes headers = jar.getManifest().getMainAttributes();
        String classPath = headers.getValue(Constants.BUNDLE_CLASSPATH);
        if (classPath == null) {
            return comesWithoutLibraries(jar);
        }
        // BundleClasses does not know these.
        if (headers.getValue(Constants.REQUIRE_BUNDLE) != null
                || headers.getValue(Constants.DYNAMICIMPORT_PACKAGE) != null) {
            return false;
        }
        List<String> libraries = Arrays.stream(classPath.split(","))
                .map(String::strip)
                .filter(path -> !path.equals("."))
                .toList();
        for (String each : libraries) {
            Path beside = shipped.resolveSibling(each.substring(each.lastIndexOf('/') + 1));
            if (!isSame(jar.getEntry(each), beside)) {
                return false;
            }
        }
        return !libraries.isEmpty();
    }

    private static boolean isSame(@Nullable ZipEntry entry, Path file) throws IOException {
        return entry != null
                && Files.exists(file)
                && ((FileTime) Files.getAttribute(file, "unix:ctime")).toMillis() < STARTED
                && Files.size(file) == entry.getSize()
                && checksum(file) == entry.getCrc();
    }

    private static boolean comesWithoutLibraries(JarFile jar) throws IOException {
        String required = jar.getManifest().getMainAttributes().getValue(Constants.REQUIRE_CAPABILITY);
        return required != null && required.contains(WITHOUT_LIBRARIES);
    }

    private static long checksum(Path file) throws IOException {
        try (CheckedInputStream in = new CheckedInputStream(Files.newInputStream(file), new CRC32())) {
            in.transferTo(OutputStream.nullOutputStream());
            return in.getChecksum().getValue();
        }
    }

    /** Leaves out the libraries, which Felix would copy. Felix reads the manifest of a shipped bundle itself, which takes less time. */
    @Override
    public Optional<Map<String, String>> getHeaders() {
        if (onClassPath) {
            return Optional.empty();
        }
        Map<String, String> headers = new HashMap<>();
        try {
            Attributes attributes = file().getManifest().getMainAttributes();
            attributes.forEach((name, value) -> headers.put(name.toString(), value.toString()));
        } catch (IOException e) {
            return Optional.empty();
        }
        headers.remove(Constants.BUNDLE_CLASSPATH);
        return Optional.of(headers);
    }

    @Override
    public Iterable<String> getEntries() throws IOException {
        return file().stream().map(ZipEntry::getName).toList();
    }

    @Override
    public Optional<ConnectEntry> getEntry(String path) {
        try {
            JarFile open = file();
            return Optional.ofNullable(open.getEntry(path)).map(entry -> new InJar(open, entry));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * The class loader of the class path, if this bundle and those that it is wired to are there. Empty if one of them was replaced and this bundle has no
     * libraries: then Felix loads the classes itself. Felix calls this once for each wiring.
     */
    @Override
    public Optional<ClassLoader> getClassLoader() {
        Bundle bundle = ShippedBundles.bundle(location);
        BundleWiring wiring = bundle == null ? null : bundle.adapt(BundleWiring.class);
        if (onClassPath && (wiring == null || isWiredToClassPath(wiring))) {
            return Optional.of(CLASS_PATH);
        }
        try {
            return wiring != null && (!onClassPath || comesWithoutLibraries(file()))
                    ? Optional.of(new BundleClasses(wiring, this, CLASS_PATH))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean isWiredToClassPath(BundleWiring wiring) {
        for (BundleWire wire : wiring.getRequiredWires(null)) {
            BundleWiring provider = wire.getProviderWiring();
            if (provider.getBundle().getBundleId() != 0 && provider.getClassLoader() != CLASS_PATH) {
                return false;
            }
        }
        return true;
    }

    @Override
    public synchronized void open() throws IOException {
        if (file == null) {
            file = onClassPath ? new JarFile(jar.toFile()) : copy();
        }
    }

    private JarFile copy() throws IOException {
        File copy = File.createTempFile("replacement", ".jar", temporary);
        try {
            Files.copy(jar, copy.toPath(), StandardCopyOption.REPLACE_EXISTING);
            return new JarFile(copy);
        } finally {
            Files.delete(copy.toPath()); // it stays readable while it is open
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    /** Opens the jar if necessary. A replacement is open until Felix closes it; by then its file may be that of the next one. */
    private synchronized JarFile file() throws IOException {
        if (file == null && !onClassPath) {
            throw new IOException(location + " was closed");
        }
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
}
