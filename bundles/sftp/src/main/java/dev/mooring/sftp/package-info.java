/** Serves a share over SFTP and scp on the sockets named for it. */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.sftp;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
