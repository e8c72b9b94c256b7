package dev.mooring.standalone;

import java.util.Map;

/** Selects services with a filter over their properties (OSGi Core, 3.2.7). */
interface Target {

    /** Whether a service with these properties matches. */
    boolean matches(Map<String, ?> properties);

    /**
     * Parses a filter. Nearly all are {@code (key=value)}; only for others the filters of the OSGi API are loaded.
     *
     * @throws IllegalArgumentException if it is invalid
     */
    static Target of(String key, String text) {
        String filter = text.strip();
        if (filter.isEmpty()) {
            return properties -> true;
        }
        int equals = filter.indexOf('=');
        if (equals < 2 || !filter.startsWith("(") || !filter.endsWith(")") || !isPlain(filter)) {
            return LdapFilter.of(key, filter);
        }
        String attribute = filter.substring(1, equals).strip();
        String value = filter.substring(equals + 1, filter.length() - 1);
        return properties -> {
            for (Map.Entry<String, ?> property : properties.entrySet()) {
                if (property.getKey().equalsIgnoreCase(attribute)) {
                    return property.getValue().toString().equals(value);
                }
            }
            return false;
        };
    }

    private static boolean isPlain(String filter) {
        for (int i = 1; i < filter.length() - 1; i++) {
            if ("()\\*<>~&|!".indexOf(filter.charAt(i)) >= 0) {
                return false;
            }
        }
        return true;
    }
}
