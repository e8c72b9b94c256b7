/** Descriptors through jnr-posix; the module opens this package, as jnr-ffi generates classes that use its interface. */
@NullMarked
package dev.mooring.activation.internal.posix;

import org.jspecify.annotations.NullMarked;
