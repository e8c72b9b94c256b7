package admin;

import dev.mooring.activation.NamedSockets;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

public class Admin {
    public static void main(String[] arguments) throws Exception {
        NamedSockets sockets = NamedSockets.fromEnvironment();
        sockets.problems().forEach(System.err::println); // for malformed variables; none if they are absent
        try (var socket = sockets.get("admin").openServerSocketChannel(); var selector = Selector.open()) {
            socket.register(selector, SelectionKey.OP_ACCEPT); // non-blocking, as every duplicate is
            selector.select();
            try (var client = socket.accept()) {
                client.write(ByteBuffer.wrap("hello\n".getBytes()));
            }
        }
    }
}
