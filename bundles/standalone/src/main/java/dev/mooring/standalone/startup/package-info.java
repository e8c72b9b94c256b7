/** Avoids searches of the module path by the JDK while a client waits. */
@NullMarked
package dev.mooring.standalone.startup;

import org.jspecify.annotations.NullMarked;
