/** Sessions: carries out the commands of each client in order, and runs its transfers. */
@NullMarked
package dev.mooring.ftp.internal.session;

import org.jspecify.annotations.NullMarked;
