package dev.mooring.sftp.internal.files;

import org.apache.sshd.common.util.buffer.BufferException;

/** A client has sent a name that is not UTF-8. */
public final class NotUtf8Exception extends BufferException {

    private static final long serialVersionUID = 1;

    public NotUtf8Exception() {
        super("A name is not UTF-8; rename the file, or set the client to UTF-8");
    }
}
