package dev.mooring.http.internal.message;

import org.jspecify.annotations.Nullable;

/** The query of a request. The parameters in this server's own links need no decoding; others are ignored. */
public record Query(@Nullable String raw) {

    /** The value of a parameter; empty if it has no value, {@code null} if it is missing. */
    public @Nullable String get(String name) {
        if (raw != null) {
            for (String parameter : raw.split("&")) {
                int equals = parameter.indexOf('=');
                if (name.equals(equals < 0 ? parameter : parameter.substring(0, equals))) {
                    return equals < 0 ? "" : parameter.substring(equals + 1);
                }
            }
        }
        return null;
    }

    /** The query as the end of a URI. */
    @Override
    public String toString() {
        return raw == null ? "" : "?" + raw;
    }
}
