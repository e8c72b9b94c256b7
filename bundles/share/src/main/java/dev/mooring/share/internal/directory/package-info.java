/** Open directories and files: operations on single names, none of which follows a link. */
@NullMarked
package dev.mooring.share.internal.directory;

import org.jspecify.annotations.NullMarked;
