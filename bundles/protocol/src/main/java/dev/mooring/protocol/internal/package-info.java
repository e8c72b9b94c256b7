/** What the bundle itself does. */
@NullMarked
package dev.mooring.protocol.internal;

import org.jspecify.annotations.NullMarked;
