package dev.mooring.http.internal;

import dev.mooring.http.HttpConstants;
import dev.mooring.protocol.ProtocolComponent;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.share.Share;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** The HTTP server of one configuration. It serves every socket that its filter matches, as long as the socket exists. */
@Component(
        configurationPid = HttpConstants.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        // Only the targets: a component property type would need a dynamic proxy, which slows down the start.
        property = {
            "sockets.target=" + HttpKeys.SOCKETS,
            "share.target=" + ServerProvider.DEFAULT_SHARE,
            "accounts.target=" + ServerProvider.DEFAULT_ACCOUNTS
        })
@Designate(ocd = HttpKeys.class, factory = true)
public final class HttpComponent extends ProtocolComponent {

    /** Makes the server. If the configuration is invalid, this logs the reason. */
    @Activate
    public HttpComponent(
            @Reference(name = "share") Share share, Map<String, Object> properties, BundleContext context) {
        super(new HttpProvider(), properties, share, context.getDataFile("").toPath());
    }
}
