/** Makes the server of a configuration, with and without OSGi. The rooms below hold the implementation. */
@NullMarked
package dev.mooring.sftp.internal;

import org.jspecify.annotations.NullMarked;
