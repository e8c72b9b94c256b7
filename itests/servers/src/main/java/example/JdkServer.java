package example;

import com.sun.net.httpserver.HttpServer;
import dev.mooring.activation.NamedSockets;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

public class JdkServer {
    public static void main(String[] arguments) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        NamedSockets.fromEnvironment().get("http").replaceListener(server.getAddress());
        server.createContext("/", exchange -> {
            byte[] body = "hello from the JDK\n".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
