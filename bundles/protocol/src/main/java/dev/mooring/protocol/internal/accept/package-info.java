/** Accepts connections, and limits their number. */
@NullMarked
package dev.mooring.protocol.internal.accept;

import org.jspecify.annotations.NullMarked;
