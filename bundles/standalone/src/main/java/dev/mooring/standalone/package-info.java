/** The launcher without OSGi. It has no API. */
@NullMarked
package dev.mooring.standalone;

import org.jspecify.annotations.NullMarked;
