/** A bundle of its own, so that it goes on while the bundles that it changes are refreshed. */
@NullMarked
package dev.mooring.itests.console;

import org.jspecify.annotations.NullMarked;
