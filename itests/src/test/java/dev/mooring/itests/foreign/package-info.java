/** A bundle of somebody else, which uses the activation bundle alone. */
@NullMarked
package dev.mooring.itests.foreign;

import org.jspecify.annotations.NullMarked;
