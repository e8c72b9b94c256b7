/** Wiring: the share, its component and its configuration. */
@NullMarked
package dev.mooring.share.internal;

import org.jspecify.annotations.NullMarked;
