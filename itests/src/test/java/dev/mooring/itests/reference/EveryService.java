package dev.mooring.itests.reference;

import dev.mooring.accounts.Accounts;
import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.activation.ServiceManager;
import dev.mooring.protocol.ProtocolServer;
import dev.mooring.share.Share;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Needs each service that Mooring publishes. */
@Component
public final class EveryService {

    /** bnd writes a requirement for each parameter. */
    @Activate
    public EveryService(
            @Reference(target = "(socket.name=admin)") NamedSocket socket,
            @Reference NamedSockets sockets,
            @Reference ServiceManager manager,
            @Reference Share share,
            @Reference Accounts accounts,
            @Reference ProtocolServer server) {}
}
