package dev.mooring.share.internal;

import dev.mooring.share.AccountFiles;
import dev.mooring.share.Accounts;
import dev.mooring.share.Configuration;
import dev.mooring.share.OwnedAccounts;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Makes the accounts of a configuration. */
public final class AccountsConfiguration {

    /** The keys of {@code dev.mooring.accounts~NAME}; {@link AccountFiles} says what the files look like. */
    @ObjectClassDefinition(name = "Mooring accounts", description = "Who may log in, as a few files say")
    public @interface Keys {

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

    private AccountsConfiguration() {}

    /** Makes the accounts; if the configuration cannot be understood that is said in the log, and there are none. */
    public static @Nullable OwnedAccounts open(Map<String, ?> properties) {
        Configuration configuration = new Configuration(Keys.class, properties);
        configuration.warnOfUnknown(LOG);
        try {
            return new AccountFiles(
                            configuration.name(Accounts.PID, "the accounts have"),
                            configuration.path("passwords"),
                            given(configuration.text("authorized.keys")),
                            configuration.path("users"),
                            given(configuration.text("share")),
                            configuration.text("home"),
                            configuration.flag("read.only"))
                    .open();
        } catch (IllegalArgumentException e) {
            // Thrown on, it would come to the log with a stack trace.
            LOG.log(Level.ERROR, configuration.pid() + " is not used: " + e.getMessage());
            return null;
        }
    }

    private static @Nullable String given(String value) {
        return value.isBlank() ? null : value.strip();
    }
}
