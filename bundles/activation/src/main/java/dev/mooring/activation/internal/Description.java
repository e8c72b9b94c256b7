package dev.mooring.activation.internal;

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
 * What a descriptor was seen to be.
 *
 * @param connected whether a stream socket has a peer
 * @param address the local address as text, {@code null} where there is none
 * @param port the local port, -1 where there is none
 * @param localAddress the local address where the JDK has a class for it
 */
public record Description(
        Family family,
        Type type,
        boolean listening,
        boolean connected,
        @Nullable String address,
        long port,
        @Nullable SocketAddress localAddress) {

    /** Something that is no socket. */
    static Description noSocket(Type type, @Nullable String address) {
        return new Description(Family.NONE, type, false, false, address, -1, null);
    }

    /** A socket with an address that the JDK has a class for. */
    static Description socket(
            Family family, Type type, boolean listening, boolean connected, @Nullable SocketAddress local) {
        if (local instanceof InetSocketAddress inet) {
            String host = text(inet.getAddress());
            return new Description(family, type, listening, connected, host, inet.getPort(), local);
        }
        String path =
                local instanceof UnixDomainSocketAddress unix ? unix.getPath().toString() : null;
        return new Description(family, type, listening, connected, path, -1, local);
    }

    /** An IP literal, an IPv6 one with its longest run of zeros left out, RFC 5952. */
    static String text(InetAddress address) {
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

    /** The same with another address, one that the JDK has no class for. */
    public Description at(@Nullable String otherAddress, long otherPort) {
        return new Description(family, type, listening, connected, otherAddress, otherPort, null);
    }

    /** Whether the JDK has stream channels for the family. */
    boolean isStream() {
        return type == Type.STREAM && (isInternet() || family == Family.UNIX);
    }

    boolean isInternet() {
        return family == Family.INET || family == Family.INET6;
    }

    /** What it is, in words that fit behind "is". */
    String words() {
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

    /** The address as a person would write it, empty where there is none. */
    String where() {
        if (address == null) {
            return "";
        }
        String host = address.contains(":") && family == Family.INET6 ? "[" + address + "]" : address;
        return port < 0 ? host : host + ":" + port;
    }
}
