/** Saves the JDK searches of the module path while a client waits. */
@NullMarked
package dev.mooring.standalone.startup;

import org.jspecify.annotations.NullMarked;
