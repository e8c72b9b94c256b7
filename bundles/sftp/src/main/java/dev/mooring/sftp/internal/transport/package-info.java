/** Carries the bytes of connections between sockets and SSHD, and bounds how much waits in memory. */
@NullMarked
package dev.mooring.sftp.internal.transport;

import org.jspecify.annotations.NullMarked;
