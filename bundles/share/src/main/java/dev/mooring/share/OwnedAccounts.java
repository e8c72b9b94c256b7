package dev.mooring.share;

import java.io.Closeable;
import org.osgi.annotation.versioning.ProviderType;

/** Accounts that belong to whoever made them with {@link AccountFiles#open}, and who closes them. */
@ProviderType
public interface OwnedAccounts extends Accounts, Closeable {

    /**
     * What they are called.
     *
     * @return the {@linkplain AccountFiles#name() name} that they were made with
     */
    String name();

    /** Lets nobody in any more; logins under way are refused. Does nothing the second time. */
    @Override
    void close();
}
