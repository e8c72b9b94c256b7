package dev.mooring.share.internal;

import dev.mooring.share.OwnedShare;
import dev.mooring.share.Share;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Publishes the share of one configuration, even if the root is missing. Protocols then send their clients an error, instead of leaving them in the
 * queue of a socket, and serve the root as soon as it is mounted, without polling. Only errors of the configuration prevent this: a root that is
 * neither a path nor a URI, a malformed glob, or a missing name.
 *
 * <p>It registers the service itself, because the name, which is a service property, may come from the PID.
 */
@Component(
        service = {},
        configurationPid = Share.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ShareConfiguration.Keys.class, factory = true)
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"dev.mooring.share.Share\"",
        uses = Share.class)
public final class ShareComponent {

    private final @Nullable OwnedShare share;
    private final @Nullable ServiceRegistration<Share> registration;

    /**
     * Publishes the share. If the configuration is invalid, logs the reason and publishes nothing.
     *
     * @param context the context of this bundle
     * @param properties the configuration
     */
    @Activate
    public ShareComponent(BundleContext context, Map<String, ?> properties) {
        share = ShareConfiguration.open(properties);
        registration = share == null
                ? null
                : context.registerService(
                        Share.class,
                        share,
                        FrameworkUtil.asDictionary(Map.of(
                                Share.SHARE_NAME, share.name(),
                                Share.SHARE_ROOT, String.valueOf(properties.get("root")))));
    }

    /**
     * Unregisters and closes the share.
     *
     * @throws IOException if the file system of its root cannot be closed
     */
    @Deactivate
    public void close() throws IOException {
        if (registration != null && share != null) {
            registration.unregister();
            share.close();
        }
    }
}
