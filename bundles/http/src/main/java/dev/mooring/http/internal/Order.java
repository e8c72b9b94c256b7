package dev.mooring.http.internal;

import org.jspecify.annotations.Nullable;

/** The order of a listing. */
record Order(Key key, boolean descending) {

    enum Key {
        NAME,
        SIZE,
        TIME
    }

    static Order of(@Nullable String sort, @Nullable String order) {
        Key key = "size".equals(sort) ? Key.SIZE : "time".equals(sort) ? Key.TIME : Key.NAME;
        return new Order(key, "desc".equals(order));
    }
}
