package dev.mooring.activation.internal;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;

/**
 * An entry of the configuration {@code listen}: a name and the address to bind.
 *
 * @param text the address as it was written
 */
record ListenAddress(String name, String text, SocketAddress address) {

    /** Parses {@code NAME=ADDRESS}. */
    static ListenAddress of(String entry) {
        int equals = entry.indexOf('=');
        String name = entry.substring(0, Math.max(equals, 0)).strip();
        if (name.isEmpty()) {
            throw malformed(entry, "has no name");
        }
        String text = entry.substring(equals + 1).strip();
        if (name.length() > 255 || !name.chars().allMatch(c -> c > ' ' && c < 127 && c != ':')) {
            throw malformed(
                    entry,
                    "has a name that is not a valid FileDescriptorName= (ASCII without ':', at most 255 characters)");
        }
        if (text.startsWith("unix:")) {
            Path path = Path.of(text.substring("unix:".length()));
            if (!path.isAbsolute()) {
                throw malformed(entry, "has a path that does not begin with '/'");
            }
            return new ListenAddress(name, text, UnixDomainSocketAddress.of(path));
        }
        return new ListenAddress(name, text, internet(entry, text));
    }

    private static InetSocketAddress internet(String entry, String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "[::]" : text.substring(0, colon);
        String port = text.substring(colon + 1);
        if (port.isEmpty() || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw malformed(entry, "has no port");
        }
        if (port.length() > 5 || Integer.parseInt(port) > 65535) {
            throw malformed(entry, "has a port that is not from 0 to 65535");
        }
        if (host.isEmpty() || host.equals("[]")) {
            throw malformed(entry, "has no host"); // InetAddress would return the loopback address
        }
        if (host.contains(":") && !(host.startsWith("[") && host.endsWith("]"))) {
            throw malformed(entry, "has an IPv6 address without its brackets");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(host), Integer.parseInt(port));
        } catch (UnknownHostException e) {
            throw malformed(entry, "names a host that cannot be found");
        }
    }

    private static IllegalArgumentException malformed(String entry, String wrong) {
        return new IllegalArgumentException("listen entry '" + entry + "' " + wrong
                + "; write NAME=HOST:PORT, NAME=[IPV6]:PORT, NAME=PORT or NAME=unix:/PATH");
    }
}
