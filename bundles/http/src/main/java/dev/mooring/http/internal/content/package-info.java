/** Answers requests for files: finds the representations of a file, caches the small ones, sends ranges. */
@NullMarked
package dev.mooring.http.internal.content;

import org.jspecify.annotations.NullMarked;
