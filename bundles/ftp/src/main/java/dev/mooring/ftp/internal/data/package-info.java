/** Data connections: opening them in passive or active mode, and transferring bytes over them. */
@NullMarked
package dev.mooring.ftp.internal.data;

import org.jspecify.annotations.NullMarked;
