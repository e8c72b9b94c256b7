/** Replaces a running bundle when its jar is replaced. */
@NullMarked
package dev.mooring.deploy.internal;

import org.jspecify.annotations.NullMarked;
