/** Reads configurations, and limits and escapes log text that clients cause. */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.common;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
