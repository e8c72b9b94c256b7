package dev.mooring.itests;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports of 127.0.0.1, for programs that need a number. They are below the range of ephemeral ports, so that no connection takes one before the
 * program does.
 */
final class FreePorts {

    private static final int LOWEST = 20_000;
    private static final Path EPHEMERAL = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    private FreePorts() {}

    static int one() throws IOException {
        return several(1).get(0);
    }

    /** Different ports. */
    static List<Integer> several(int count) throws IOException {
        int end = Math.max(
                LOWEST + 1000,
                Integer.parseInt(Files.readString(EPHEMERAL).strip().split("\\s+")[0]));
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            while (sockets.size() < count) {
                int port = ThreadLocalRandom.current().nextInt(LOWEST, end);
                try {
                    sockets.add(new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")));
                } catch (BindException taken) {
                    // Another one is free.
                }
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
