/** What the runtime adds to Felix. */
@NullMarked
package dev.mooring.runtime;

import org.jspecify.annotations.NullMarked;
