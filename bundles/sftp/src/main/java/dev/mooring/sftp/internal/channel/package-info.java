/** Takes the requests of an SFTP channel in, has each answered, and sends the replies. */
@NullMarked
package dev.mooring.sftp.internal.channel;

import org.jspecify.annotations.NullMarked;
