package dev.mooring.http.internal.message;

import dev.mooring.common.AddressRange;
import dev.mooring.protocol.TrustedProxies;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Finds the client of a request that came through proxies. Each proxy adds its peer to the end of a header, {@code X-Forwarded-For} or
 * {@code Forwarded} (RFC 7239), and a client can send any header. So the client is the last node that is not a trusted proxy. (Jetty's
 * {@code ForwardedRequestCustomizer} takes the first node, which the client can choose, and trusts every peer.)
 *
 * @param header {@code X-Forwarded-For} or {@code Forwarded}
 */
public record ForwardedClient(TrustedProxies proxies, String header) {

    private static final String FOR = "for=";

    /**
     * The client of a request.
     *
     * @param peer the remote address of the connection
     * @return the peer, if it is not a trusted proxy; else the last node that is not one. If a node is not an address, the proxy that added this node
     *     counts as the client
     */
    public @Nullable SocketAddress find(@Nullable SocketAddress peer, HttpFields headers) {
        SocketAddress client = peer;
        if (proxies.trusts(client)) {
            List<String> nodes = nodes(headers);
            for (int i = nodes.size() - 1; i >= 0 && proxies.trusts(client); i--) {
                InetAddress address = address(nodes.get(i));
                if (address == null) {
                    break;
                }
                client = new InetSocketAddress(address, 0);
            }
        }
        return client;
    }

    private List<String> nodes(HttpFields headers) {
        List<String> nodes = new ArrayList<>();
        for (String line : headers.getValuesList(header)) {
            if (HttpHeader.FORWARDED.is(header)) {
                addElements(line, nodes);
            } else {
                nodes.addAll(List.of(line.split(",")));
            }
        }
        return nodes;
    }

    /**
     * Adds the node of each element of a {@code Forwarded} header, and an empty one for an element without a node. (Jetty's
     * {@code QuotedCSVParser} does not tell where an element ends, and fails for some malformed headers.)
     */
    private static void addElements(String line, List<String> nodes) {
        StringBuilder pair = new StringBuilder();
        String node = "";
        boolean quoted = false;
        for (int i = 0; i <= line.length(); i++) {
            char c = i < line.length() ? line.charAt(i) : ',';
            if (c == '"') {
                quoted = !quoted;
            } else if (quoted && c == '\\' && i + 1 < line.length()) {
                pair.append(line.charAt(++i));
            } else if (quoted || c != ',' && c != ';') {
                pair.append(c);
            } else {
                String text = pair.toString().strip();
                if (text.regionMatches(true, 0, FOR, 0, FOR.length())) {
                    node = text.substring(FOR.length());
                }
                pair.setLength(0);
                if (c == ',') {
                    nodes.add(node);
                    node = "";
                }
            }
        }
        if (quoted) {
            // The last quote has no end, so the last node is unknown.
            nodes.add("");
        }
    }

    /** The address of a node, which may have a port; IPv6 then has brackets (RFC 7239 section 6). */
    private static @Nullable InetAddress address(String node) {
        String text = node.strip();
        int end = text.startsWith("[") ? text.indexOf(']') : text.indexOf(':');
        if (text.startsWith("[") && end > 0) {
            text = text.substring(1, end);
        } else if (end > 0 && end == text.lastIndexOf(':')) {
            text = text.substring(0, end);
        }
        try {
            return AddressRange.address(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
