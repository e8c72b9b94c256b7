package example;

import dev.mooring.activation.NamedSockets;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.protocol.http.HttpOpenListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.xnio.ChannelListeners;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.channels.AcceptingChannel;

public class UndertowServer {
    public static void main(String[] arguments) throws Exception {
        HttpOpenListener http = new HttpOpenListener(new DefaultByteBufferPool(true, 16 * 1024));
        http.setRootHandler(exchange -> exchange.getResponseSender().send("hello from Undertow\n"));
        AcceptingChannel<StreamConnection> server = Xnio.getInstance()
                .createWorker(OptionMap.EMPTY)
                .createStreamConnectionServer(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ChannelListeners.openListenerAdapter(http),
                        OptionMap.EMPTY);
        NamedSockets.fromEnvironment().get("http").replaceListener(server.getLocalAddress());
        server.resumeAccepts();
    }
}
