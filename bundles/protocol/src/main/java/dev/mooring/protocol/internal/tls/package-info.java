/** Reads certificates and keys. */
@NullMarked
package dev.mooring.protocol.internal.tls;

import org.jspecify.annotations.NullMarked;
