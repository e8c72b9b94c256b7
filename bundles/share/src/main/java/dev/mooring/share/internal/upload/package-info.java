/** Uploads that become visible when they are complete. */
@NullMarked
package dev.mooring.share.internal.upload;

import org.jspecify.annotations.NullMarked;
