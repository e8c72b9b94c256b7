/** This process as a service of systemd, in any framework or in none. */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.systemd;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
