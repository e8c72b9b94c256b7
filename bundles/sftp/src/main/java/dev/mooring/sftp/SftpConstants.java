package dev.mooring.sftp;

/** The names of the SFTP server. */
public final class SftpConstants {

    /** The factory PID: each configuration {@code dev.mooring.sftp~NAME} is one server. */
    public static final String PID = "dev.mooring.sftp";

    private SftpConstants() {}
}
