/** What runs inside the child processes: it uses the activation API as a bundle or a plain program would. */
@NullMarked
package dev.mooring.itests.probe;

import org.jspecify.annotations.NullMarked;
