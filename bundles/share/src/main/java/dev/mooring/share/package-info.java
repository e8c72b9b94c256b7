/** Shares and accounts for all protocols: named trees of files, and the users that may log in. */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.share;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
