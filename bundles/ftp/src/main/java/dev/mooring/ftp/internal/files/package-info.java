/** The files of a share, as an FTP client names and sees them. */
@NullMarked
package dev.mooring.ftp.internal.files;

import org.jspecify.annotations.NullMarked;
