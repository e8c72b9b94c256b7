/** Users and their settings, and what passwords and keys have in common: watched files and log lines. */
@NullMarked
package dev.mooring.accounts.internal.user;

import org.jspecify.annotations.NullMarked;
