/** An SFTP channel: reads requests, schedules them and sends the replies. */
@NullMarked
package dev.mooring.sftp.internal.channel;

import org.jspecify.annotations.NullMarked;
