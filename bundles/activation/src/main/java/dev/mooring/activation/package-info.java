/**
 * The named sockets that systemd, or any launcher that implements its protocol, passed to this process.
 *
 * <p>In OSGi, each socket is a {@link dev.mooring.activation.NamedSocket} service whose service properties are the
 * constants of that interface. Without OSGi, {@link dev.mooring.activation.NamedSockets#fromEnvironment()} returns the
 * same sockets.
 */
@Export
@Version("1.0.0")
@NullMarked
package dev.mooring.activation;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
