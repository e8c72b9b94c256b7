package dev.mooring.ftp;

/** Names that the FTP server is known by. */
public final class FtpConstants {

    /** The factory PID: a configuration {@code dev.mooring.ftp~NAME} is one server. */
    public static final String PID = "dev.mooring.ftp";

    private FtpConstants() {}
}
