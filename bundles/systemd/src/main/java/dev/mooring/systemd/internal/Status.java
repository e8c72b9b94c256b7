package dev.mooring.systemd.internal;

import dev.mooring.protocol.ProtocolServer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Describes the servers for {@code systemctl status}. */
public final class Status {

    private Status() {}

    /** A line such as {@code http~public 12, sftp~public 3 connected; ftp~public waits for a share}. */
    public static String of(List<ProtocolServer> servers) {
        List<String> parts = new ArrayList<>();
        List<ProtocolServer> serving = sorted(servers).stream()
                .filter(each -> !each.draining() && !each.sockets().isEmpty())
                .toList();
        if (!serving.isEmpty()) {
            parts.add(serving.stream()
                            .map(each -> each.name() + " " + each.connections())
                            .collect(Collectors.joining(", "))
                    + " connected");
        }
        for (ProtocolServer each : sorted(servers)) {
            if (each.draining()) {
                parts.add(each.name() + " draining");
            } else if (each.problem() != null) {
                parts.add(each.name() + " " + each.problem());
            } else if (each.sockets().isEmpty()) {
                parts.add(each.name() + " without a socket");
            }
        }
        for (ProtocolServer each : sorted(servers)) {
            if (each.proxyErrors() > 0) {
                parts.add(each.name() + " ended " + each.proxyErrors() + " connections without a valid PROXY header");
            }
        }
        return parts.isEmpty()
                ? "nothing is served; configure dev.mooring.http-NAME.cfg and dev.mooring.share-NAME.cfg"
                : line(String.join("; ", parts));
    }

    /** A line such as {@code ending; http~public 2 connected}. */
    public static String ending(List<ProtocolServer> servers) {
        String left = sorted(servers).stream()
                .filter(each -> each.connections() > 0)
                .map(each -> each.name() + " " + each.connections())
                .collect(Collectors.joining(", "));
        return line(left.isEmpty() ? "ending" : "ending; " + left + " connected");
    }

    private static List<ProtocolServer> sorted(List<ProtocolServer> servers) {
        return servers.stream()
                .sorted(Comparator.comparing(ProtocolServer::name))
                .toList();
    }

    /** Replaces control characters, which the name of a configuration may contain. */
    private static String line(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
