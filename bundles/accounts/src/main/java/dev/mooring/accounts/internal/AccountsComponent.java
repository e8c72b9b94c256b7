package dev.mooring.accounts.internal;

import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.OwnedAccounts;
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
 * Publishes the accounts of one configuration, even if files are missing or invalid. They are read again when they change.
 *
 * <p>It registers the service itself, because the name, which is a service property, may come from the PID.
 */
@Component(
        service = {},
        configurationPid = Accounts.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = AccountsConfiguration.Keys.class, factory = true)
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"dev.mooring.accounts.Accounts\"",
        uses = Accounts.class)
public final class AccountsComponent {

    private final @Nullable OwnedAccounts accounts;
    private final @Nullable ServiceRegistration<Accounts> registration;

    /**
     * Publishes the accounts. If the configuration is invalid, logs the reason and publishes nothing.
     *
     * @param context the context of this bundle
     * @param properties the configuration
     */
    @Activate
    public AccountsComponent(BundleContext context, Map<String, ?> properties) {
        accounts = AccountsConfiguration.open(properties);
        registration = accounts == null
                ? null
                : context.registerService(
                        Accounts.class,
                        accounts,
                        FrameworkUtil.asDictionary(Map.of(Accounts.ACCOUNTS_NAME, accounts.name())));
    }

    /** Unregisters and closes the accounts. */
    @Deactivate
    public void close() {
        if (registration != null && accounts != null) {
            registration.unregister();
            accounts.close();
        }
    }
}
