/** Checks logins, adds headers, and passes each request to the share, file or directory that it names. */
@NullMarked
package dev.mooring.http.internal.handler;

import org.jspecify.annotations.NullMarked;
