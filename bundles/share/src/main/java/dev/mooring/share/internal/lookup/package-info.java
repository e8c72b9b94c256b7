/** Looks up paths from the root of a share. Links out of the root are not followed. */
@NullMarked
package dev.mooring.share.internal.lookup;

import org.jspecify.annotations.NullMarked;
