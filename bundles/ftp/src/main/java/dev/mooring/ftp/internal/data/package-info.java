/** Data connections: opens them in passive or active mode, and transfers bytes over them. */
@NullMarked
package dev.mooring.ftp.internal.data;

import org.jspecify.annotations.NullMarked;
