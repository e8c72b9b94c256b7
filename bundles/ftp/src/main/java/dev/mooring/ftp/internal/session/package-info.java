/** Sessions: the order of a client's commands, its login, its TLS and its transfers. */
@NullMarked
package dev.mooring.ftp.internal.session;

import org.jspecify.annotations.NullMarked;
