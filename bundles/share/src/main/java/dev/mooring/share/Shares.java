package dev.mooring.share;

import dev.mooring.share.internal.ConfinedShare;
import dev.mooring.share.internal.ShareConfiguration;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes shares without OSGi. Inside OSGi use a configuration {@code dev.mooring.share~NAME}. */
public final class Shares {

    private Shares() {}

    /**
     * Makes a share. The root need not exist yet. Each look-up resolves it again, so a file system that is mounted later, or a symbolic link that is
     * changed, is served from then on. While the root is missing or unreadable, every look-up throws an {@link java.io.IOException} with the reason;
     * the beginning and the end of that state are logged. Call {@code entry(SharePath.ROOT)} to check the root at once.
     *
     * @param name the name of the share, for {@link Share#name()} and for messages; not blank
     * @param root the directory to serve: a path, or the URI of any installed {@link java.nio.file.spi.FileSystemProvider file system provider}
     *     ({@code jar:file:///srv/x.zip}, {@code jar:file:///srv/x.zip!/docs}). A text that begins with a scheme of two or more characters and a
     *     colon is a URI; write a path with such a beginning as {@code ./a:b}. A zip file is served as it was at the first look-up, until the share is
     *     closed. To open a file in a zip file, the JDK reads all of it into memory
     * @param readOnly whether clients may only read
     * @param hidden globs as in {@link java.nio.file.FileSystem#getPathMatcher}, without {@code glob:}, such as <code>.*</code> or
     *     <code>*.{bak,tmp}</code>. They match single names, and case matters. Files with such a name anywhere in their path, and links to them, are
     *     treated as missing
     * @return the share, which the caller closes
     * @throws IllegalArgumentException if the name is blank, the root is neither a path nor a URI of an installed provider, or a glob is malformed;
     *     the message has the remedy
     */
    public static OwnedShare open(String name, String root, boolean readOnly, Collection<String> hidden) {
        return new ConfinedShare(name, root, readOnly, hidden);
    }

    /**
     * Makes the share of a configuration {@code dev.mooring.share~NAME}, as its component does inside OSGi. Logs errors of the configuration, and a
     * missing root.
     *
     * @param properties the configuration, including {@code service.pid}
     * @return the share, which the caller closes; {@code null} if the configuration is invalid
     */
    public static @Nullable OwnedShare open(Map<String, ?> properties) {
        return ShareConfiguration.open(properties);
    }
}
