/** Users and their settings, and the common parts of password and key logins: watched files and log lines. */
@NullMarked
package dev.mooring.accounts.internal.user;

import org.jspecify.annotations.NullMarked;
