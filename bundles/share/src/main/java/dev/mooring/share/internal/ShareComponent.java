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
 * Publishes the share of one configuration. It does so even while the root is missing: protocols then answer their
 * clients that this is so, instead of leaving them in the queue of a socket that nobody accepts from, and all is well as
 * soon as the root is mounted, without anybody polling for it. Only what no mount can heal fails the activation: a root
 * that is neither path nor URI, a malformed glob, no name.
 *
 * <p>It registers the service itself because the name, which is a service property, may come from the PID.
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
     * Publishes the share. If the configuration cannot be understood that is said in the log, and there is no share.
     *
     * @param context of this bundle
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
     * Takes the share back.
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
