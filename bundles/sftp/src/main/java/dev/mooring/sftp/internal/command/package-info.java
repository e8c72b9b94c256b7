/** The commands that a client can run: scp and those that hash a file. */
@NullMarked
package dev.mooring.sftp.internal.command;

import org.jspecify.annotations.NullMarked;
