/** The way from the root of a share to a path, which no link leads out of. */
@NullMarked
package dev.mooring.share.internal.lookup;

import org.jspecify.annotations.NullMarked;
