package example;

import dev.mooring.activation.NamedSockets;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

public class JettyServer {
    public static void main(String[] arguments) throws Exception {
        Server server = new Server();
        int acceptors = 0; // the selector accepts; an acceptor thread would make the channel blocking
        ServerConnector connector = new ServerConnector(server, acceptors, -1);
        connector.open(NamedSockets.fromEnvironment().get("http").openServerSocketChannel());
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                Content.Sink.write(response, true, "hello from Jetty\n", callback);
                return true;
            }
        });
        server.start();
    }
}
