/** Logins with an SSH key. */
@NullMarked
package dev.mooring.accounts.internal.key;

import org.jspecify.annotations.NullMarked;
