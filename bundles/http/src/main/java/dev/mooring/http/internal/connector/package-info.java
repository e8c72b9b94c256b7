/** Adapts Jetty: connections that the accept loop has accepted, TLS, buffers, metrics, and the headers and errors of every response. */
@NullMarked
package dev.mooring.http.internal.connector;

import org.jspecify.annotations.NullMarked;
