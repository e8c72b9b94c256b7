/** Runs Jetty on connections that the accept loop has accepted: TLS, buffers, metrics and error pages. */
@NullMarked
package dev.mooring.http.internal.connector;

import org.jspecify.annotations.NullMarked;
