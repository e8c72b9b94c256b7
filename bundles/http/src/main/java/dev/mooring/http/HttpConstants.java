package dev.mooring.http;

/** Names that the HTTP server is known by. */
public final class HttpConstants {

    /** The factory PID: a configuration {@code dev.mooring.http~NAME} is one server. */
    public static final String PID = "dev.mooring.http";

    private HttpConstants() {}
}
