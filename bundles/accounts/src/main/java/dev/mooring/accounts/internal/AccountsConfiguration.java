package dev.mooring.accounts.internal;

import dev.mooring.accounts.AccountFiles;
import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.OwnedAccounts;
import dev.mooring.common.Configuration;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Makes the accounts of a configuration. */
public final class AccountsConfiguration {

    /** The keys of {@code dev.mooring.accounts~NAME}. {@link AccountFiles} describes the files. */
    @ObjectClassDefinition(name = "Mooring accounts", description = "Accounts in files")
    public @interface Keys {

        /**
         * The passwords.
         *
         * @return the path of an htpasswd file; empty for no passwords
         */
        @AttributeDefinition(description = "Path of an htpasswd file; empty for no passwords", required = false)
        String passwords() default "";

        /**
         * The SSH keys, {@code authorized.keys}.
         *
         * @return the path of a file, with {@code %u} for the user name; empty for no keys
         */
        @AttributeDefinition(
                description =
                        "Path of a file of keys in OpenSSH's format, such as /etc/mooring/keys/%u with %u for the user name",
                required = false)
        String authorized_keys() default "";

        /**
         * The settings of single users.
         *
         * @return the path of a file; empty if all users have the same settings
         */
        @AttributeDefinition(
                description =
                        "Path of a file with the settings of single users: lines NAME share=… home=/… read.only=true",
                required = false)
        String users() default "";

        /**
         * The share of all other users.
         *
         * @return the name of a share; empty for the own share of each server
         */
        @AttributeDefinition(description = "Name of the share; default: the own share of each server", required = false)
        String share() default "";

        /**
         * The home of all other users.
         *
         * @return a path in the share, with {@code %u} for the user name
         */
        @AttributeDefinition(
                description = "Path in the share where a session starts; %u is the user name",
                required = false)
        String home() default "/";

        /**
         * The rights of all other users, {@code read.only}.
         *
         * @return whether they may only read
         */
        @AttributeDefinition(
                description = "Whether users may only read; a read-only share is read-only for all",
                required = false)
        boolean read_only() default false;

        /**
         * The name of the accounts.
         *
         * @return the name; empty to use the PID
         */
        @AttributeDefinition(
                description = "Name of the accounts; default: the part of the PID after ~",
                required = false)
        String name() default "";
    }

    private static final Logger LOG = System.getLogger(Accounts.PID);

    private AccountsConfiguration() {}

    /** Makes the accounts; {@code null} after a log message if the configuration is invalid. */
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
            // If this rethrew the exception, the framework would log a stack trace.
            LOG.log(Level.ERROR, configuration.pid() + " is not used: " + e.getMessage());
            return null;
        }
    }

    private static @Nullable String given(String value) {
        return value.isBlank() ? null : value.strip();
    }
}
