/** An SSH session: the login, timeouts and keep-alives, the access log and the messages to the operator. */
@NullMarked
package dev.mooring.sftp.internal.session;

import org.jspecify.annotations.NullMarked;
