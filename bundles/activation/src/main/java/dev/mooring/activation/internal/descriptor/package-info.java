/** What a descriptor is, and how it becomes a JDK channel. */
@NullMarked
package dev.mooring.activation.internal.descriptor;

import org.jspecify.annotations.NullMarked;
