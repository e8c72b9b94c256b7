/** Black-box tests, and the harness that starts what they test as a child process. */
@NullMarked
package dev.mooring.itests;

import org.jspecify.annotations.NullMarked;
