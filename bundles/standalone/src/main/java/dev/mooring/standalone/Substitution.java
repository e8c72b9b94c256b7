package dev.mooring.standalone;

import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Replaces <code>${NAME}</code> and <code>${NAME:-DEFAULT}</code> in a configuration file. */
final class Substitution {

    private static final String START = "${";
    private static final String ENVIRONMENT = "env:";
    private static final String OTHERWISE = ":-";

    private final Properties lines;
    private final Set<String> open = new HashSet<>();

    private Substitution(Properties lines) {
        this.lines = lines;
    }

    /**
     * The value of a key.
     *
     * @throws IllegalArgumentException if it refers to itself
     */
    static String in(Properties lines, String key) {
        String value = lines.getProperty(key);
        return value.contains(START) ? new Substitution(lines).value(key, value) : value;
    }

    private String value(String key, String text) {
        if (!open.add(key)) {
            throw new IllegalArgumentException("${" + key + "} refers to itself");
        }
        String value = text;
        int end = value.indexOf('}');
        while (end >= 0) {
            // The innermost first.
            int start = value.lastIndexOf(START, end);
            if (start < 0) {
                end = value.indexOf('}', end + 1);
            } else {
                String replaced = value.substring(0, start) + replacement(value.substring(start + START.length(), end));
                value = replaced + value.substring(end + 1);
                end = value.indexOf('}', replaced.length());
            }
        }
        open.remove(key);
        return value;
    }

    private String replacement(String variable) {
        int otherwise = variable.lastIndexOf(OTHERWISE);
        String name = otherwise < 0 ? variable : variable.substring(0, otherwise);
        String value = lookUp(name);
        if (value == null || value.isEmpty()) {
            return otherwise < 0 ? "" : variable.substring(otherwise + OTHERWISE.length());
        }
        return value;
    }

    private @Nullable String lookUp(String name) {
        String line = lines.getProperty(name);
        if (line != null) {
            return value(name, line);
        }
        return name.startsWith(ENVIRONMENT)
                ? System.getenv(name.substring(ENVIRONMENT.length()))
                : name.isEmpty() ? null : System.getProperty(name);
    }
}
