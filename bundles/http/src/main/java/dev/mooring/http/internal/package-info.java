/** Makes a server from its configuration, checks logins, and passes each request to the file or directory that it names. */
@NullMarked
package dev.mooring.http.internal;

import org.jspecify.annotations.NullMarked;
