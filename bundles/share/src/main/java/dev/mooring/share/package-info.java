/** What is served: named trees, whatever protocol they are served over. */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.share;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
