package dev.mooring.share.internal;

import dev.mooring.share.AccountFiles;
import dev.mooring.share.Accounts;
import dev.mooring.share.ConfigurationKeys;
import dev.mooring.share.OwnedAccounts;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
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
 * Publishes the accounts of one configuration. Files that are missing or broken cost what is in them, not the service: they
 * are read again when they change.
 *
 * <p>It registers the service itself because the name, which is a service property, may come from the PID.
 */
@Component(
        service = {},
        configurationPid = Accounts.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = AccountsComponent.Config.class, factory = true)
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"dev.mooring.share.Accounts\"",
        uses = Accounts.class)
public final class AccountsComponent {

    /** The configuration {@code dev.mooring.accounts~NAME}; {@link AccountFiles} says what the files look like. */
    @ObjectClassDefinition(name = "Mooring accounts", description = "Who may log in, as a few files say")
    public @interface Config {

        /**
         * Who logs in with a password.
         *
         * @return the path of an htpasswd file, or nothing for no passwords
         */
        @AttributeDefinition(description = "File that htpasswd wrote: a path", required = false)
        String passwords() default "";

        /**
         * The key {@code authorized.keys}: who logs in with a key.
         *
         * @return the path of a file, with {@code %u} in the place of the user's name, or nothing for no keys
         */
        @AttributeDefinition(
                description =
                        "File of keys in OpenSSH's format, such as /etc/mooring/keys/%u with %u for the user name",
                required = false)
        String authorized_keys() default "";

        /**
         * What is different for single users.
         *
         * @return the path of a file, or nothing if they are all alike
         */
        @AttributeDefinition(
                description =
                        "File of lines NAME share=… home=/… read.only=true for what is different for single users",
                required = false)
        String users() default "";

        /**
         * The share of all others.
         *
         * @return the name of a share, or nothing for the one that each server serves
         */
        @AttributeDefinition(description = "Name of the share; default: what each server serves", required = false)
        String share() default "";

        /**
         * The home of all others.
         *
         * @return a path in the share, in which {@code %u} is the user's name
         */
        @AttributeDefinition(description = "Where in the share a session begins; %u is the user name", required = false)
        String home() default "/";

        /**
         * The key {@code read.only}, for all others.
         *
         * @return whether they may only read
         */
        @AttributeDefinition(
                description = "Whether users may only read; what the share says goes before this",
                required = false)
        boolean read_only() default false;

        /**
         * The name of the accounts.
         *
         * @return the name, or nothing to go by the PID
         */
        @AttributeDefinition(description = "Name of the accounts; default: what follows ~ in the PID", required = false)
        String name() default "";
    }

    private static final Logger LOG = System.getLogger(Accounts.PID);

    private final @Nullable OwnedAccounts accounts;
    private final @Nullable ServiceRegistration<Accounts> registration;

    /**
     * Publishes the accounts. If the configuration cannot be understood that is said in the log, and nobody can log in.
     *
     * @param context of this bundle
     * @param config the configuration
     * @param properties the same, as it was written
     */
    @Activate
    public AccountsComponent(BundleContext context, Config config, Map<String, ?> properties) {
        ConfigurationKeys.warnOfUnknown(Config.class, properties, LOG);
        String name = "";
        OwnedAccounts opened = null;
        try {
            ConfigurationKeys.check(Config.class, properties);
            AccountFiles files = files(config, properties);
            name = files.name();
            opened = files.open();
        } catch (IllegalArgumentException e) {
            // Thrown on, it would come to the log with a stack trace.
            LOG.log(Level.ERROR, properties.get(Constants.SERVICE_PID) + " is not used: " + e.getMessage());
        }
        accounts = opened;
        registration = opened == null
                ? null
                : context.registerService(
                        Accounts.class, opened, FrameworkUtil.asDictionary(Map.of(Accounts.ACCOUNTS_NAME, name)));
    }

    private static AccountFiles files(Config config, Map<String, ?> properties) {
        String passwords = given(config.passwords());
        String users = given(config.users());
        return new AccountFiles(
                name(config, properties),
                passwords == null ? null : Path.of(passwords),
                given(config.authorized_keys()),
                users == null ? null : Path.of(users),
                given(config.share()),
                config.home(),
                config.read_only());
    }

    private static @Nullable String given(String value) {
        return value.isBlank() ? null : value.strip();
    }

    private static String name(Config config, Map<String, ?> properties) {
        if (!config.name().isBlank()) {
            return config.name();
        }
        String pid = String.valueOf(properties.get(Constants.SERVICE_PID));
        if (!pid.startsWith(Accounts.PID) || pid.length() < Accounts.PID.length() + 2) {
            throw new IllegalArgumentException(
                    "Configuration " + pid + ": the accounts have no name; call the configuration " + Accounts.PID
                            + "~default (the file " + Accounts.PID + "-default.cfg), or set 'name'");
        }
        return pid.substring(Accounts.PID.length() + 1);
    }

    /** Takes the accounts back. */
    @Deactivate
    public void close() {
        if (registration != null && accounts != null) {
            registration.unregister();
            accounts.close();
        }
    }
}
