/** Sends long content piece by piece without waiting for clients, and limits the memory for it. */
@NullMarked
package dev.mooring.http.internal.body;

import org.jspecify.annotations.NullMarked;
