/** A bundle that somebody else wrote: it knows its own people, and nothing of files. */
@NullMarked
package dev.mooring.itests.accounts;

import org.jspecify.annotations.NullMarked;
