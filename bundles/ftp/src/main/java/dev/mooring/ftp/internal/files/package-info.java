/** The files of a share, as FTP clients name and see them. */
@NullMarked
package dev.mooring.ftp.internal.files;

import org.jspecify.annotations.NullMarked;
