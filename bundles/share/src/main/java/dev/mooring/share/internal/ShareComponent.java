package dev.mooring.share.internal;

import dev.mooring.share.ConfigurationKeys;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

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
@Designate(ocd = ShareComponent.Config.class, factory = true)
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"dev.mooring.share.Share\"",
        uses = Share.class)
public final class ShareComponent {

    /** The configuration {@code dev.mooring.share~NAME}. */
    @ObjectClassDefinition(name = "Mooring share", description = "A tree of files to serve")
    public @interface Config {

        /**
         * What is served.
         *
         * @return a path, or the URI of an installed file system provider
         */
        @AttributeDefinition(description = "Directory to serve: a path, or a URI such as jar:file:///srv/site.zip")
        String root() default "";

        /**
         * The key {@code read.only}.
         *
         * @return whether clients may only read
         */
        @AttributeDefinition(description = "Whether clients may only read", required = false)
        boolean read_only() default true;

        /**
         * What is not served.
         *
         * @return globs, or comma-separated lists of them
         */
        @AttributeDefinition(
                description = "Globs, separated by commas: files and directories of such names are as if not there",
                required = false)
        String[] hidden() default {};

        /**
         * The name of the share.
         *
         * @return the name, or nothing to go by the PID
         */
        @AttributeDefinition(description = "Name of the share; default: what follows ~ in the PID", required = false)
        String name() default "";
    }

    private static final Logger LOG = System.getLogger(Share.PID);
    private static final AtomicBoolean TOLD_OF_ENCODING = new AtomicBoolean();

    /** A comma that is not inside braces. */
    private static final Pattern COMMA = Pattern.compile(",(?![^{]*})");

    private final @Nullable OwnedShare share;
    private final @Nullable ServiceRegistration<Share> registration;

    /**
     * Publishes the share. If the configuration cannot be understood that is said in the log, and there is no share.
     *
     * @param context of this bundle
     * @param config the configuration
     * @param properties the same, as it was written
     */
    @Activate
    public ShareComponent(BundleContext context, Config config, Map<String, ?> properties) {
        ConfigurationKeys.warnOfUnknown(Config.class, properties, LOG);
        warnOfEncoding();
        share = open(config, properties);
        if (share == null) {
            registration = null;
            return;
        }
        try {
            share.entry(SharePath.ROOT);
        } catch (IOException e) {
            // The share has logged it.
        }
        registration = context.registerService(
                Share.class,
                share,
                FrameworkUtil.asDictionary(Map.of(
                        Share.SHARE_NAME, share.name(),
                        Share.SHARE_ROOT, config.root())));
    }

    /** Thrown on, a refusal would come to the log with a stack trace. */
    private static @Nullable OwnedShare open(Config config, Map<String, ?> properties) {
        try {
            ConfigurationKeys.check(Config.class, properties);
            return Shares.open(name(config, properties), config.root(), config.read_only(), globs(config.hidden()));
        } catch (IllegalArgumentException e) {
            LOG.log(Level.ERROR, properties.get(Constants.SERVICE_PID) + " is not used: " + e.getMessage());
            return null;
        }
    }

    private static String name(Config config, Map<String, ?> properties) {
        if (!config.name().isBlank()) {
            return config.name();
        }
        String pid = String.valueOf(properties.get(Constants.SERVICE_PID));
        if (!pid.startsWith(Share.PID) || pid.length() < Share.PID.length() + 2) {
            throw new IllegalArgumentException(
                    "Configuration " + pid + ": the share has no name; call the configuration " + Share.PID
                            + "~NAME (the file " + Share.PID + "-NAME.cfg), or set 'name'");
        }
        return pid.substring(Share.PID.length() + 1);
    }

    /** A list in a properties file is one string. */
    static List<String> globs(String... hidden) {
        return Arrays.stream(hidden)
                .flatMap(COMMA::splitAsStream)
                .map(String::strip)
                .filter(glob -> !glob.isEmpty())
                .toList();
    }

    private static void warnOfEncoding() {
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        if (!Charset.forName(encoding).equals(StandardCharsets.UTF_8) && TOLD_OF_ENCODING.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "File names are read as " + encoding
                            + ": those with other characters cannot be served; start java with LC_ALL=C.UTF-8");
        }
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
