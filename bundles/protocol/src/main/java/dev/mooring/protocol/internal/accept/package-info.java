/** Accepts connections, and decides which of them get in. */
@NullMarked
package dev.mooring.protocol.internal.accept;

import org.jspecify.annotations.NullMarked;
