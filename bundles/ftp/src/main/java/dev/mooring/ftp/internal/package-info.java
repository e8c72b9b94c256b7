/** The FTP server as an OSGi component, and as a provider for other runtimes. */
@NullMarked
package dev.mooring.ftp.internal;

import org.jspecify.annotations.NullMarked;
