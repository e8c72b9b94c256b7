package dev.mooring.accounts;

import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import org.jspecify.annotations.Nullable;

/**
 * An account of a logged-in user, with its rights.
 *
 * @param name the name of the account, as given at the login
 * @param share the {@linkplain Share#name() name of the share} that the account sees, or {@code null} for the server's own share
 * @param home the directory of the share in which a session starts; the account is not confined to it
 * @param readOnly whether the account may only read; no account may write to a read-only share
 */
public record Account(String name, @Nullable String share, SharePath home, boolean readOnly) {}
