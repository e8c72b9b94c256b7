/** A bundle of another vendor that uses the services with Declarative Services. */
@NullMarked
package dev.mooring.itests.reference;

import org.jspecify.annotations.NullMarked;
