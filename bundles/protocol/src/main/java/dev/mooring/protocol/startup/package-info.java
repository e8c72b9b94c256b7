/**
 * Loads what the first answer needs while the runtime starts. This is no API: only Mooring's own bundles and launchers use it, and nothing depends
 * on it but the time to the first answer.
 */
@Export(attribute = "x-internal:=true")
@Version("1.0.0")
@NullMarked
package dev.mooring.protocol.startup;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
