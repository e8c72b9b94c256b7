/** The FTP commands; each class has the commands of one topic. */
@NullMarked
package dev.mooring.ftp.internal.commands;

import org.jspecify.annotations.NullMarked;
