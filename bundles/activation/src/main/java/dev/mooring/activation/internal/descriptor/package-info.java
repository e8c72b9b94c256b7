/** Inspects descriptors and makes JDK channels of them. */
@NullMarked
package dev.mooring.activation.internal.descriptor;

import org.jspecify.annotations.NullMarked;
