/** Makes the server of a configuration, with and without OSGi. The packages below contain the implementation. */
@NullMarked
package dev.mooring.sftp.internal;

import org.jspecify.annotations.NullMarked;
