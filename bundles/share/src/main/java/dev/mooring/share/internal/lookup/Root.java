package dev.mooring.share.internal.lookup;

import dev.mooring.share.internal.directory.Directory;
import dev.mooring.share.internal.directory.KeptDirectories;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The root of a share, and the file system that was opened for it, if any. */
public final class Root implements Closeable {

    private static final Pattern URI_LIKE = Pattern.compile("\\p{Alpha}[\\p{Alnum}+.-]+:.*", Pattern.DOTALL);

    private final String text;
    private final FileSystemProvider provider;
    private final URI uri;

    private static final Pattern HIDDEN_BY_SANDBOX = Pattern.compile("/*(/home|/root|/run/user|/tmp|/var/tmp)(/|$)");

    private final KeptDirectories directories = new KeptDirectories();
    private volatile @Nullable Path path;
    private @Nullable FileSystem owned;
    private boolean closed;

    /**
     * Parses a root. Does not access it.
     *
     * @throws IllegalArgumentException if it is neither a path nor the URI of an installed provider
     */
    public Root(String text) {
        this.text = text;
        if (text.isBlank()) {
            throw new IllegalArgumentException("root is empty; write the path of the directory to serve");
        }
        if (URI_LIKE.matcher(text).matches()) {
            uri = uri(text);
            provider = provider(uri.getScheme());
        } else {
            path = path(text);
            uri = path.toUri();
            provider = FileSystems.getDefault().provider();
        }
    }

    private static Path path(String text) {
        try {
            return Path.of(text).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "root '" + text + "' is not a path (" + e.getReason()
                            + "); if it is not ASCII, start java with LC_ALL=C.UTF-8",
                    e);
        }
    }

    private static URI uri(String text) {
        try {
            URI uri = new URI(text);
            boolean bare = !uri.isOpaque() && uri.getPath().isEmpty();
            return bare ? uri.resolve("/") : uri;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "root '" + text + "' is not a URI (" + e.getReason()
                            + "); write a space as %20, and a path that contains ':' as ./a:b",
                    e);
        }
    }

    private static FileSystemProvider provider(String scheme) {
        FileSystemProvider files = FileSystems.getDefault().provider();
        if (files.getScheme().equalsIgnoreCase(scheme)) {
            return files; // Listing all providers would load each of them and its libraries.
        }
        for (FileSystemProvider provider : FileSystemProvider.installedProviders()) {
            if (provider.getScheme().equalsIgnoreCase(scheme)) {
                return provider;
            }
        }
        throw new IllegalArgumentException("root has the scheme '" + scheme
                + ":', for which no file system provider is installed; put one on the class path of java, or use "
                + FileSystemProvider.installedProviders().stream()
                        .map(FileSystemProvider::getScheme)
                        .collect(Collectors.joining(", ")));
    }

    /**
     * The path of the root, which need not exist. Opens its file system if necessary.
     *
     * @throws ClosedFileSystemException after {@link #close}
     */
    public Path path() throws IOException {
        Path known = path;
        return isOpen(known) ? known : locate();
    }

    /** Opens the directory, which the caller closes. */
    Directory open() throws IOException {
        return directories.openRoot(path());
    }

    private static boolean isOpen(@Nullable Path path) {
        return path != null && path.getFileSystem().isOpen();
    }

    private synchronized Path locate() throws IOException {
        if (closed) {
            throw new ClosedFileSystemException();
        }
        Path located = path;
        if (!isOpen(located)) {
            try {
                located = uri.getScheme().equalsIgnoreCase("jar") ? zip() : anywhere();
            } catch (RuntimeException e) {
                // Providers throw different exceptions for an invalid URI.
                throw new IOException(e.getMessage(), e);
            }
            path = located;
        }
        return located;
    }

    /** Opens a zip file for this share only, so that no other user of the file can close it. */
    private Path zip() throws IOException {
        String archive = uri.getRawSchemeSpecificPart().split("!/", 2)[0];
        String[] parts = uri.getSchemeSpecificPart().split("!/", 2);
        FileSystem zip = provider.newFileSystem(Path.of(URI.create(archive)), Map.of());
        owned = zip;
        return zip.getPath("/", parts.length == 2 ? parts[1] : "");
    }

    private Path anywhere() throws IOException {
        try {
            return provider.getPath(uri);
        } catch (FileSystemNotFoundException e) {
            owned = provider.newFileSystem(uri, Map.of());
            return provider.getPath(uri);
        }
    }

    /** Whether the root is a zip file, which is read-only. */
    public boolean isReadOnly() {
        return uri.getScheme().equalsIgnoreCase("jar");
    }

    /** The problem of the root, and the remedy. */
    String explain(IOException e) {
        String remedy = sandbox() + "or correct 'root' in the configuration of the share";
        if (e instanceof NoSuchFileException) {
            return "root '" + text + "' does not exist; create or mount it, " + remedy;
        }
        if (e instanceof NotDirectoryException) {
            String zip = uri.getScheme().equals("file") ? " (or, if it is a zip file, jar:" + uri + ")" : "";
            return "root '" + text + "' is not a directory; serve the directory that it is in" + zip + ", " + remedy;
        }
        if (e instanceof AccessDeniedException) {
            return "root '" + text + "' cannot be read by user " + System.getProperty("user.name")
                    + "; let this user read and search it, and search the directories that lead to it, " + remedy;
        }
        if (String.valueOf(e.getMessage()).endsWith("Too many open files")) {
            return "root '" + text
                    + "' cannot be read, because this process has no descriptor left; raise LimitNOFILE= in its"
                    + " .service unit";
        }
        return "root '" + text + "' cannot be read (" + e.getMessage() + "); repair it, " + remedy;
    }

    /** The remedy if the sandbox of the unit may hide the root, systemd.exec(5); else empty. */
    private String sandbox() {
        if (System.getenv("INVOCATION_ID") == null) {
            return "";
        }
        Matcher hidden = HIDDEN_BY_SANDBOX.matcher(uri.getRawSchemeSpecificPart());
        return !hidden.lookingAt()
                ? ""
                : "or show it to the service with "
                        + (hidden.group(1).endsWith("tmp") ? "PrivateTmp=no" : "ProtectHome=read-only")
                        + " in a drop-in (systemctl edit mooring.service), ";
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        path = null;
        directories.close();
        if (owned != null) {
            owned.close();
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
