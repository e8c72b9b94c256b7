/** The algorithms that the server offers, and its host keys. */
@NullMarked
package dev.mooring.sftp.internal.crypto;

import org.jspecify.annotations.NullMarked;
