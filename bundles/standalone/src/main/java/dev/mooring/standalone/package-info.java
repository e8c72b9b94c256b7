/** The same servers without OSGi; nothing in here is for others to use. */
@NullMarked
package dev.mooring.standalone;

import org.jspecify.annotations.NullMarked;
