/** Reports problems of servers in OSGi, registers servers as services, and waits for them to drain. */
@NullMarked
package dev.mooring.protocol.internal;

import org.jspecify.annotations.NullMarked;
