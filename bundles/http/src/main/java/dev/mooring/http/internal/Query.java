package dev.mooring.http.internal;

import org.jspecify.annotations.Nullable;

/** The query of a request. What this server asks for in its links needs no decoding; all else is ignored. */
record Query(@Nullable String raw) {

    /** The value of a parameter, empty where it has none, {@code null} where it is not there. */
    @Nullable
    String get(String name) {
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

    /** As it is at the end of a URI. */
    @Override
    public String toString() {
        return raw == null ? "" : "?" + raw;
    }
}
