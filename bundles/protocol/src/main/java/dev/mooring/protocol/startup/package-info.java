/**
 * Loads the classes that the first response needs while the runtime starts. This is not an API: only Mooring's own bundles and launchers use it. Without
 * it only the first response would be slower.
 */
@Export(attribute = "x-internal:=true")
@Version("1.0.0")
@NullMarked
package dev.mooring.protocol.startup;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
