/** Assembles Apache MINA SSHD and the other packages into the engine of a server. */
@NullMarked
package dev.mooring.sftp.internal.engine;

import org.jspecify.annotations.NullMarked;
