/** Exercises a server that is about to replace another. */
@NullMarked
package dev.mooring.protocol.internal.rehearsal;

import org.jspecify.annotations.NullMarked;
