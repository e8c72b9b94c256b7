/** Carries out SFTP requests on names, attributes, open files and uploads. */
@NullMarked
package dev.mooring.sftp.internal.files;

import org.jspecify.annotations.NullMarked;
