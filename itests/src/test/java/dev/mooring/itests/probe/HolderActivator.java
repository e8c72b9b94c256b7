package dev.mooring.itests.probe;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.activation.WrongKindException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** A bundle that opens duplicates of all sockets through both services, and closes none. */
public final class HolderActivator implements BundleActivator {

    private static final List<String> KINDS = List.of("server", "asynchronous", "connected", "datagram", "descriptor");

    @Override
    public void start(BundleContext context) throws IOException, InvalidSyntaxException {
        List<NamedSocket> sockets = new ArrayList<>();
        for (ServiceReference<NamedSocket> reference : context.getServiceReferences(NamedSocket.class, null)) {
            sockets.add(context.getService(reference));
            // as several components of a bundle do
            context.getService(reference);
            context.getService(reference);
        }
        ServiceReference<NamedSockets> all = context.getServiceReference(NamedSockets.class);
        sockets.addAll(context.getService(all).all());
        int opened = 0;
        for (NamedSocket socket : sockets) {
            for (String kind : KINDS) {
                opened += opens(socket, kind) ? 1 : 0;
            }
        }
        System.out.println("= holder opened " + opened);
    }

    private static boolean opens(NamedSocket socket, String kind) throws IOException {
        try {
            Probe.open(socket, kind);
            return true;
        } catch (WrongKindException e) {
            return false;
        }
    }

    @Override
    public void stop(BundleContext context) {
        // Leaves everything open.
    }
}
