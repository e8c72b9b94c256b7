/** Reads requests and answers them: paths, queries, conditions, ranges, content codings. */
@NullMarked
package dev.mooring.http.internal.message;

import org.jspecify.annotations.NullMarked;
