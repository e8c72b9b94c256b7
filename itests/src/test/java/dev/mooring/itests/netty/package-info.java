/** A Netty server that runs in a child process. */
@NullMarked
package dev.mooring.itests.netty;

import org.jspecify.annotations.NullMarked;
