/** The implementation, and the wiring in OSGi. */
@NullMarked
package dev.mooring.systemd.internal;

import org.jspecify.annotations.NullMarked;
