/**
 * The common part of the servers of all protocols.
 *
 * <p>A protocol is a {@link dev.mooring.protocol.SocketServer}, which is plain Java, and a
 * {@link dev.mooring.protocol.ProtocolComponent} that wires it in OSGi.
 */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.protocol;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
