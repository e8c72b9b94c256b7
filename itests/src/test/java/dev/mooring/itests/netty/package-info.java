/** What runs on Netty inside a child process. */
@NullMarked
package dev.mooring.itests.netty;

import org.jspecify.annotations.NullMarked;
