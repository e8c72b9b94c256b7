/** Answers requests for directories: as a page, as JSON or as a zip. */
@NullMarked
package dev.mooring.http.internal.listing;

import org.jspecify.annotations.NullMarked;
