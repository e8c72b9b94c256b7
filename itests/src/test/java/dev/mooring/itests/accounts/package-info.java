/** A bundle of another vendor, with its own accounts and without files. */
@NullMarked
package dev.mooring.itests.accounts;

import org.jspecify.annotations.NullMarked;
