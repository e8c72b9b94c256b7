/** Makes HTTP servers from their configurations. */
@NullMarked
package dev.mooring.http.internal;

import org.jspecify.annotations.NullMarked;
