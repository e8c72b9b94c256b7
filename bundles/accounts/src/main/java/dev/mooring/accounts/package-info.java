/** Accounts: checks logins and their rights, for all protocols. */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.accounts;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
