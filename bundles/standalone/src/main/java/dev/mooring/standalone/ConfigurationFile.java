package dev.mooring.standalone;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.osgi.framework.Constants;

/** Reads a configuration file in the syntax of Felix File Install, without the parts that no configuration of Mooring needs. */
final class ConfigurationFile {

    private static final String SUFFIX = ".cfg";

    private ConfigurationFile() {}

    /** Whether a name is one of a configuration file. Names with {@code ~} are ignored, as File Install does not accept them. */
    static boolean is(String file) {
        return file.endsWith(SUFFIX) && file.indexOf('~') < 0;
    }

    /** The PID of a file: {@code dev.mooring.http~public} for {@code dev.mooring.http-public.cfg}. */
    static String pid(String file) {
        String pid = file.substring(0, file.length() - SUFFIX.length());
        int instance = pid.indexOf('-');
        return instance <= 0 ? pid : pid.substring(0, instance) + "~" + pid.substring(instance + 1);
    }

    /**
     * Reads a file of {@code key = value}, in the syntax of {@link Properties} and ISO 8859-1, where <code>${NAME}</code> stands for
     * another key, a system property or, as <code>${env:NAME}</code>, an environment variable. If all values are in quotation marks or
     * brackets, these are removed.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is malformed
     */
    static Map<String, Object> read(Path file) throws IOException {
        Properties lines = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            lines.load(reader);
        }
        Map<String, Object> properties = read(lines);
        properties.put(Constants.SERVICE_PID, pid(file.getFileName().toString()));
        return properties;
    }

    static Map<String, Object> read(Properties lines) {
        boolean typed = true;
        Map<String, Object> properties = new HashMap<>();
        for (String key : lines.stringPropertyNames()) {
            String value = Substitution.in(lines, key);
            properties.put(key, value);
            typed &= isTyped(value);
        }
        if (typed) {
            properties.replaceAll((key, value) -> untyped((String) value));
        }
        return properties;
    }

    /** Whether a value is written with a type, such as {@code "x"}, {@code I"5"} and {@code ["x", "y"]}. */
    private static boolean isTyped(String value) {
        int start = start(value);
        return value.length() >= start + 2
                && (value.charAt(start) == '"' && value.indexOf('"', start + 1) == value.length() - 1
                        || value.charAt(start) == '[' && value.endsWith("]"));
    }

    /** The index of the quotation mark or bracket, after the optional letter of the type. */
    private static int start(String value) {
        return !value.isEmpty() && "TILFDXSCBilfdxscb".indexOf(value.charAt(0)) >= 0 ? 1 : 0;
    }

    private static Object untyped(String value) {
        int start = start(value);
        if (value.charAt(start) == '"') {
            return value.substring(start + 1, value.length() - 1);
        }
        List<String> elements = new ArrayList<>();
        for (String element : value.substring(start + 1, value.length() - 1).split(",")) {
            String stripped = element.strip();
            if (stripped.length() >= 2 && stripped.startsWith("\"") && stripped.endsWith("\"")) {
                elements.add(stripped.substring(1, stripped.length() - 1));
            }
        }
        return elements.toArray(String[]::new);
    }
}
