/** Shares: named trees of files, for all protocols. */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.share;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
