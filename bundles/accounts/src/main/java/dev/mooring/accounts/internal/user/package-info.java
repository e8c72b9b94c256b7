/** Users and their settings, and the watched files that all settings come from. */
@NullMarked
package dev.mooring.accounts.internal.user;

import org.jspecify.annotations.NullMarked;
