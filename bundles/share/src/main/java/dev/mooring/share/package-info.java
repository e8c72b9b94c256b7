/** What is served, and to whom, whatever protocol it is served over: named trees and accounts. */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.share;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
