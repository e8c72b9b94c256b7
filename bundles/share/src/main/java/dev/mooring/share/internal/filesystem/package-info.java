/** A share as a {@link java.nio.file.FileSystem}. */
@NullMarked
package dev.mooring.share.internal.filesystem;

import org.jspecify.annotations.NullMarked;
