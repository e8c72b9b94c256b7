package dev.mooring.share;

import dev.mooring.share.internal.ConfinedShare;
import dev.mooring.share.internal.ShareConfiguration;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes shares without OSGi; inside OSGi a configuration {@code dev.mooring.share~NAME} does. */
public final class Shares {

    private Shares() {}

    /**
     * Makes a share. The root need not be there yet: nothing is looked at before the first look-up, and each look-up goes
     * by what the root is at that moment, so that a file system mounted later, or a symbolic link pointed elsewhere, is
     * served from then on. While the root is missing or unreadable every look-up is an {@link java.io.IOException} that
     * says so, which is logged when it begins and when it ends. Call {@code entry(SharePath.ROOT)} to know at once.
     *
     * @param name the name of the share, for {@link Share#name()} and for messages; not blank
     * @param root the directory to serve: a path, or the URI of any installed {@link java.nio.file.spi.FileSystemProvider
     *     file system provider} ({@code jar:file:///srv/x.zip}, {@code jar:file:///srv/x.zip!/docs}). What begins with a
     *     scheme of two or more characters and a colon is a URI; a path like that is written {@code ./a:b}. A zip file
     *     is served as it was when first looked at, until the share is closed; the JDK reads a file in it into memory to
     *     open it
     * @param readOnly whether clients may only read
     * @param hidden globs as of {@link java.nio.file.FileSystem#getPathMatcher}, without {@code glob:}, matched against
     *     single names and with regard to case, such as <code>.*</code> or <code>*.{bak,tmp}</code>: what has such a
     *     name anywhere in its path, and links to it, is as if it were not there
     * @return the share, which the caller closes
     * @throws IllegalArgumentException if the name is blank, the root is no path and no URI of an installed provider, or
     *     a glob is malformed; the message says what to write instead
     */
    public static OwnedShare open(String name, String root, boolean readOnly, Collection<String> hidden) {
        return new ConfinedShare(name, root, readOnly, hidden);
    }

    /**
     * Makes the share of a configuration {@code dev.mooring.share~NAME}, as its component does inside OSGi. What is wrong with it
     * is said in the log, and at once if its root is missing.
     *
     * @param properties the configuration, {@code service.pid} among it
     * @return the share, which the caller closes; {@code null} if the configuration is no good
     */
    public static @Nullable OwnedShare open(Map<String, ?> properties) {
        return ShareConfiguration.open(properties);
    }
}
