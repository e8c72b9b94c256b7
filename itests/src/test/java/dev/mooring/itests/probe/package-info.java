/** The probe in child processes. It uses the activation API as a bundle or as a plain program. */
@NullMarked
package dev.mooring.itests.probe;

import org.jspecify.annotations.NullMarked;
