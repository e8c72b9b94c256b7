package dev.mooring.ftp.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.ftp.FtpConstants;
import dev.mooring.protocol.DataSockets;
import dev.mooring.protocol.ProtocolComponent;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.share.Share;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;

/** Runs an FTP server for each configuration, on every socket that its filter matches, as long as the socket exists. */
@Component(
        configurationPid = FtpConstants.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        // Only the targets. A component property type would be a dynamic proxy, which would slow down the start.
        property = {
            "sockets.target=" + FtpProvider.SOCKETS,
            "share.target=" + ServerProvider.DEFAULT_SHARE,
            "accounts.target=" + ServerProvider.DEFAULT_ACCOUNTS,
            "data.target=" + FtpProvider.DATA
        })
@Designate(ocd = FtpProvider.Keys.class, factory = true)
public final class FtpComponent extends ProtocolComponent {

    /** Makes the server. If the configuration is invalid, logs the reason instead. */
    @Activate
    public FtpComponent(@Reference(name = "share") Share share, Map<String, Object> properties, BundleContext context) {
        super(new FtpProvider(), properties, share, context.getDataFile("").toPath());
    }

    @Reference(
            name = "data",
            service = NamedSocket.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addDataSocket(NamedSocket socket) {
        server().withServer(each -> ((DataSockets) each).addData(socket));
    }

    void removeDataSocket(NamedSocket socket) {
        server().withServer(each -> ((DataSockets) each).removeData(socket));
    }
}
