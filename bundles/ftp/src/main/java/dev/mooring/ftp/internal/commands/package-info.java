/** The FTP commands. */
@NullMarked
package dev.mooring.ftp.internal.commands;

import org.jspecify.annotations.NullMarked;
