package dev.mooring.sftp.internal;

import dev.mooring.protocol.ProtocolComponent;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.sftp.SftpConstants;
import dev.mooring.share.Share;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** An SFTP server for each configuration. It serves every socket service that matches its filter. */
@Component(
        configurationPid = SftpConstants.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        // Only the targets: a component property type would be a dynamic proxy, which takes time at a start.
        property = {
            "sockets.target=" + SftpProvider.SOCKETS,
            "share.target=" + ServerProvider.DEFAULT_SHARE,
            "accounts.target=" + ServerProvider.DEFAULT_ACCOUNTS,
            // The component is not satisfied without accounts: nobody could log in.
            "accounts.cardinality.minimum:Integer=1"
        })
@Designate(ocd = SftpProvider.Keys.class, factory = true)
public final class SftpComponent extends ProtocolComponent {

    /** Makes the server. If the configuration is invalid, logs the problem instead. */
    @Activate
    public SftpComponent(
            @Reference(name = "share") Share share, Map<String, Object> properties, BundleContext context) {
        super(new SftpProvider(), properties, share, context.getDataFile("").toPath());
    }
}
