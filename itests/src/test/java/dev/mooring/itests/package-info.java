/** Black-box tests, and the harness that runs their subject as a child process. */
@NullMarked
package dev.mooring.itests;

import org.jspecify.annotations.NullMarked;
