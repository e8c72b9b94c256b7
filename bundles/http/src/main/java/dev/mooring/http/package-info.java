/** Serves a share over HTTP on activated sockets. */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.http;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
