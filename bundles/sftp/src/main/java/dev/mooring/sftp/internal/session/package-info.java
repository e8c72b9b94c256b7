/** A connection from its first message to its end: the login, keep-alives, the access log and the messages for the operator. */
@NullMarked
package dev.mooring.sftp.internal.session;

import org.jspecify.annotations.NullMarked;
