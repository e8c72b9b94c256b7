/** Control connections: reads commands, sends replies, and encrypts both with TLS. */
@NullMarked
package dev.mooring.ftp.internal.control;

import org.jspecify.annotations.NullMarked;
