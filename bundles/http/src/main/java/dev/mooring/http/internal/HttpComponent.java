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

/** An HTTP server for each configuration, on every socket that its filter matches, for as long as the socket is there. */
@Component(
        configurationPid = HttpConstants.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        // The targets alone: a component property type would be a dynamic proxy, whose making takes time at a start.
        property = {
            "sockets.target=" + HttpProvider.SOCKETS,
            "share.target=" + ServerProvider.DEFAULT_SHARE,
            "accounts.target=" + ServerProvider.DEFAULT_ACCOUNTS
        })
@Designate(ocd = HttpProvider.Keys.class, factory = true)
public final class HttpComponent extends ProtocolComponent {

    /** Makes the server, if the configuration is good; what is wrong with it is said in the log. */
    @Activate
    public HttpComponent(
            @Reference(name = "share") Share share, Map<String, Object> properties, BundleContext context) {
        super(new HttpProvider(), properties, share, context.getDataFile("").toPath());
    }
}
