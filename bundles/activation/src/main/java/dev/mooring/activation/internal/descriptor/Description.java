package dev.mooring.activation.internal.descriptor;

import dev.mooring.activation.NamedSocket.Family;
import dev.mooring.activation.NamedSocket.Type;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The observed properties of a descriptor.
 *
 * @param connected whether a stream socket has a peer
 * @param address the local address as text; {@code null} if there is none
 * @param port the local port; -1 if there is none
 * @param localAddress the local address; {@code null} if the JDK has no class for it
 */
public record Description(
        Family family,
        Type type,
        boolean listening,
        boolean connected,
        @Nullable String address,
        long port,
        @Nullable SocketAddress localAddress) {

    /** A descriptor that is not a socket. */
    public static Description noSocket(Type type, @Nullable String address) {
        return new Description(Family.NONE, type, false, false, address, -1, null);
    }

    /** A socket whose address has a class in the JDK. */
    public static Description socket(
            Family family, Type type, boolean listening, boolean connected, @Nullable SocketAddress local) {
        if (local instanceof InetSocketAddress inet) {
            String host = text(inet.getAddress());
            return new Description(family, type, listening, connected, host, inet.getPort(), local);
        }
        String path =
                local instanceof UnixDomainSocketAddress unix ? unix.getPath().toString() : null;
        return new Description(family, type, listening, connected, path, -1, local);
    }

    /** An IP literal. In IPv6 the longest run of zeros is omitted (RFC 5952). */
    public static String text(InetAddress address) {
        String literal = address.getHostAddress();
        if (address instanceof Inet4Address) {
            return literal;
        }
        int scope = literal.indexOf('%');
        String zone = scope < 0 ? "" : literal.substring(scope);
        String full = literal.substring(0, literal.length() - zone.length());
        String run = Stream.of(
                        "0:0:0:0:0:0:0:0", "0:0:0:0:0:0:0", "0:0:0:0:0:0", "0:0:0:0:0", "0:0:0:0", "0:0:0", "0:0")
                .filter(zeros -> (":" + full + ":").contains(":" + zeros + ":"))
                .findFirst()
                .orElse(null);
        if (run == null) {
            return literal;
        }
        String wrapped = (":" + full + ":").replaceFirst(":" + run + ":", "::");
        String start = wrapped.startsWith("::") ? wrapped : wrapped.substring(1);
        return (start.endsWith("::") ? start : start.substring(0, start.length() - 1)) + zone;
    }

    /** Returns a copy with an address that has no class in the JDK. */
    public Description at(@Nullable String otherAddress, long otherPort) {
        return new Description(family, type, listening, connected, otherAddress, otherPort, null);
    }

    /** Whether the JDK has stream channels for the family. */
    public boolean isStream() {
        return type == Type.STREAM && (isInternet() || family == Family.UNIX);
    }

    public boolean isInternet() {
        return family == Family.INET || family == Family.INET6;
    }

    /** The kind, in words that fit after "is". */
    public String words() {
        String state = listening ? "listening " : connected ? "connected " : "";
        return switch (type) {
            case FIFO -> "a FIFO";
            case FILE -> "a file";
            default -> {
                String words = state + (family == Family.NONE ? "" : family + " ") + type + " socket";
                yield (words.startsWith("inet") ? "an " : "a ") + words;
            }
        };
    }

    /** Formats the address and port, such as {@code [::1]:8080}; empty if there is no address. */
    public String where() {
        if (address == null) {
            return "";
        }
        String host = address.contains(":") && family == Family.INET6 ? "[" + address + "]" : address;
        return port < 0 ? host : host + ":" + port;
    }
}
