/** Control connections: reading commands, sending replies, and TLS for both. */
@NullMarked
package dev.mooring.ftp.internal.control;

import org.jspecify.annotations.NullMarked;
