/** Carries out SFTP requests: what they do to names, attributes, open files and uploads. */
@NullMarked
package dev.mooring.sftp.internal.files;

import org.jspecify.annotations.NullMarked;
