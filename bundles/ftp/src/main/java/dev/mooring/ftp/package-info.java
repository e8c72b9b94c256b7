/** Serves a share over FTP on the sockets named for it. */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.ftp;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
