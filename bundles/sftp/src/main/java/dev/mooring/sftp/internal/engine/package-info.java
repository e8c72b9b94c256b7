/** The SSH server: Apache MINA SSHD, put together from the parts in the packages beside this one. */
@NullMarked
package dev.mooring.sftp.internal.engine;

import org.jspecify.annotations.NullMarked;
