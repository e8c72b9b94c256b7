/** A separate bundle, so that it keeps running while the bundles that it changes are refreshed. */
@NullMarked
package dev.mooring.itests.console;

import org.jspecify.annotations.NullMarked;
