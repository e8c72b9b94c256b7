package dev.mooring.accounts;

import java.io.Closeable;
import org.osgi.annotation.versioning.ProviderType;

/** Accounts made by {@link AccountFiles#open}. The caller of that method owns and closes them. */
@ProviderType
public interface OwnedAccounts extends Accounts, Closeable {

    /**
     * The name of the accounts.
     *
     * @return the {@linkplain AccountFiles#name() name}
     */
    String name();

    /**
     * Closes the accounts. Further passwords are not checked, nor are waiting ones: the verdict is {@link Verdict.Unavailable}. Further keys open nothing.
     * A running check ends with its verdict. Further calls do nothing.
     */
    @Override
    void close();
}
