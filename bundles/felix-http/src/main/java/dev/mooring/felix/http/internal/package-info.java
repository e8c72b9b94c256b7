/** Lets Felix HTTP serve on activated sockets. */
@NullMarked
package dev.mooring.felix.http.internal;

import org.jspecify.annotations.NullMarked;
