/** Carries bytes between sockets and SSHD, and bounds how much data waits in memory. */
@NullMarked
package dev.mooring.sftp.internal.transport;

import org.jspecify.annotations.NullMarked;
