/** A bundle of another vendor that uses only the activation bundle. */
@NullMarked
package dev.mooring.itests.foreign;

import org.jspecify.annotations.NullMarked;
