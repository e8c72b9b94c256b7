/** This process as a systemd service, in any framework or without one. */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.systemd;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
