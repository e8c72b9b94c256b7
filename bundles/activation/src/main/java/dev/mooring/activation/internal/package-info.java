/** Reads the environment and the configuration, and publishes the sockets. */
@NullMarked
package dev.mooring.activation.internal;

import org.jspecify.annotations.NullMarked;
