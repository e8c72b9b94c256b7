package dev.mooring.sftp;

/** Names that the SFTP server is known by. */
public final class SftpConstants {

    /** The factory PID: a configuration {@code dev.mooring.sftp~NAME} is one server. */
    public static final String PID = "dev.mooring.sftp";

    private SftpConstants() {}
}
