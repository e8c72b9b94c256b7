package dev.mooring.ftp;

/** Names of the FTP server in OSGi. */
public final class FtpConstants {

    /** The factory PID. Each configuration {@code dev.mooring.ftp~NAME} is a server. */
    public static final String PID = "dev.mooring.ftp";

    private FtpConstants() {}
}
