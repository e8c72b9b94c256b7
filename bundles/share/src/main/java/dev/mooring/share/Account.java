package dev.mooring.share;

import org.jspecify.annotations.Nullable;

/**
 * Who has logged in, and what that person may see.
 *
 * @param name the name of the account, as it was given to log in
 * @param share the {@linkplain Share#name() name of the share} that it sees, or {@code null} for the one that the server
 *     serves
 * @param home where in the share a session begins; the account is not confined to it
 * @param readOnly whether it may only read; it may not write to a share that is read-only either
 */
public record Account(String name, @Nullable String share, SharePath home, boolean readOnly) {}
