package dev.mooring.http;

/** Constants of the HTTP server. */
public final class HttpConstants {

    /** The factory PID. Each configuration {@code dev.mooring.http~NAME} is a server. */
    public static final String PID = "dev.mooring.http";

    private HttpConstants() {}
}
