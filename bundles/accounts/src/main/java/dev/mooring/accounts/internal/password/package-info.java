/** Logins with a password. */
@NullMarked
package dev.mooring.accounts.internal.password;

import org.jspecify.annotations.NullMarked;
