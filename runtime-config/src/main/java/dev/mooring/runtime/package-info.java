/** The additions of the runtime to Felix. */
@NullMarked
package dev.mooring.runtime;

import org.jspecify.annotations.NullMarked;
