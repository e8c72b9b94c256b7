package dev.mooring.common;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.annotation.Annotation;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Constants;

/**
 * The values of a configuration, from any source. A component property type declares the keys and their defaults: its elements are mapped to keys by
 * the rules of Declarative Services 1.4, section 112.8.2.1, except {@code PREFIX_}. No instance of the type is made, because that would be a dynamic
 * proxy and would slow down the start.
 *
 * <p>A value that does not have the type of its element causes an {@link IllegalArgumentException}, whose message names the key, the problem and the
 * remedy. Instances are immutable if the properties are.
 */
public final class Configuration {

    private final Map<String, Method> keys = new HashMap<>();
    private final Map<String, ?> properties;

    /**
     * Wraps properties.
     *
     * @param keys the component property type
     * @param properties the properties, including {@code service.pid}
     */
    public Configuration(Class<? extends Annotation> keys, Map<String, ?> properties) {
        for (Method element : keys.getDeclaredMethods()) {
            this.keys.put(key(element.getName()), element);
        }
        this.properties = properties;
    }

    /**
     * The PID of the configuration.
     *
     * @return the PID, such as {@code dev.mooring.share~default}
     */
    public String pid() {
        return String.valueOf(properties.get(Constants.SERVICE_PID));
    }

    /**
     * The name of the configured object.
     *
     * @param factoryPid the factory PID
     * @param kind the beginning of the error message: {@code the share has}
     * @return the value of the key {@code name}, or the part of the PID after the factory PID
     * @throws IllegalArgumentException if there is neither
     */
    public String name(String factoryPid, String kind) {
        String name = text("name");
        if (!name.isBlank()) {
            return name;
        }
        String pid = pid();
        if (!pid.startsWith(factoryPid) || pid.length() < factoryPid.length() + 2) {
            throw new IllegalArgumentException("Configuration " + pid + ": " + kind
                    + " no name; call the configuration " + factoryPid + "~NAME (the file " + factoryPid
                    + "-NAME.cfg), or set 'name'");
        }
        return pid.substring(factoryPid.length() + 1);
    }

    /**
     * Whether a key exists.
     *
     * @param key the key
     * @return {@code true} if the type declares the key, even if it is not set
     */
    public boolean has(String key) {
        return keys.containsKey(key);
    }

    /**
     * Reads a text.
     *
     * @param key the key
     * @return the value, or the default
     */
    public String text(String key) {
        List<String> values = list(key);
        return values.isEmpty() ? "" : values.get(0);
    }

    /**
     * Reads several texts.
     *
     * @param key the key
     * @return the elements of an array or collection; a single text is one element
     */
    public List<String> list(String key) {
        Object value = value(key);
        List<String> list = new ArrayList<>();
        if (value instanceof Collection<?> collection) {
            collection.forEach(each -> list.add(String.valueOf(each)));
        } else if (value.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(value); i++) {
                list.add(String.valueOf(Array.get(value, i)));
            }
        } else {
            list.add(value.toString());
        }
        return list;
    }

    /**
     * Reads a list that may be one text with commas.
     *
     * @param key the key
     * @return the elements between commas, stripped, without empty ones
     */
    public List<String> commaSeparated(String key) {
        List<String> elements = new ArrayList<>();
        for (String text : list(key)) {
            for (String element : text.split(",")) {
                if (!element.isBlank()) {
                    elements.add(element.strip());
                }
            }
        }
        return elements;
    }

    /**
     * Reads a boolean.
     *
     * @param key the key
     * @return the value, or the default
     */
    public boolean flag(String key) {
        String text = text(key).strip();
        boolean flag = text.equalsIgnoreCase("true");
        if (!flag && !text.equalsIgnoreCase("false")) {
            throw new IllegalArgumentException(key + " = '" + text + "' is neither true nor false");
        }
        return flag;
    }

    /**
     * Reads whether something is required.
     *
     * @param key the key
     * @return {@code true} for {@code required}, {@code false} for {@code off}
     * @throws IllegalArgumentException if the value is neither
     */
    public boolean required(String key) {
        String text = text(key).strip();
        return switch (text) {
            case "required" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException(key + " = '" + text + "' is neither off nor required");
        };
    }

    /**
     * Reads a number.
     *
     * @param key the key
     * @return the value, or the default
     */
    public long number(String key) {
        String text = text(key).strip();
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw noNumber(key, text, e);
        }
    }

    /**
     * Reads a number in the range of {@code int}.
     *
     * @param key the key
     * @return the value, or the default
     */
    public int integer(String key) {
        long number = number(key);
        if (number != (int) number) {
            throw noNumber(key, Long.toString(number), null);
        }
        return (int) number;
    }

    private IllegalArgumentException noNumber(String key, String text, @Nullable Exception cause) {
        return new IllegalArgumentException(
                key + " = '" + text + "' is not a number; write one, like "
                        + element(key).getDefaultValue(),
                cause);
    }

    /**
     * Reads a duration in seconds.
     *
     * @param key the key
     * @return the value, or the default
     */
    public Duration seconds(String key) {
        return Duration.ofSeconds(number(key));
    }

    /**
     * Reads a path.
     *
     * @param key the key
     * @return the value, or the default; {@code null} if it is blank
     */
    public @Nullable Path path(String key) {
        String text = text(key).strip();
        try {
            return text.isEmpty() ? null : Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    key + " = '" + text + "' is not a path; write it like /etc/mooring/a.pem", e);
        }
    }

    private Object value(String key) {
        Object value = properties.get(key);
        return value == null ? element(key).getDefaultValue() : value;
    }

    private Method element(String key) {
        Method element = keys.get(key);
        if (element == null) {
            throw new IllegalStateException("there is no key " + key + " among " + keys.keySet());
        }
        return element;
    }

    /**
     * Logs a warning for each unknown key, which is usually misspelt. The warning has the key, the PID and the known keys. Known keys are the
     * elements of the component property type and the keys that frameworks add ({@code service.*}, {@code component.*}, {@code osgi.ds.*},
     * {@code felix.fileinstall.*}, {@code org.apache.karaf.*}, {@code objectClass}, {@code *.cardinality.minimum}, and keys that begin with a dot).
     *
     * @param log receives the warnings
     */
    public void warnOfUnknown(Logger log) {
        for (String key : properties.keySet()) {
            if (!keys.containsKey(key) && !isOfFramework(key)) {
                log.log(
                        Level.WARNING,
                        "Configuration " + pid() + ": unknown key '" + key + "' is ignored; the keys are "
                                + String.join(", ", new TreeSet<>(keys.keySet())));
            }
        }
    }

    private static boolean isOfFramework(String key) {
        return key.equals(Constants.OBJECTCLASS)
                || key.startsWith(".")
                || key.startsWith("service.")
                || key.startsWith("component.")
                || key.startsWith("osgi.ds.")
                || key.startsWith("felix.fileinstall.")
                || key.startsWith("org.apache.karaf.")
                || key.endsWith(".cardinality.minimum");
    }

    private static String key(String element) {
        if (element.indexOf('$') < 0 && !element.contains("__")) {
            return element.replace('_', '.');
        }
        StringBuilder key = new StringBuilder();
        for (int i = 0; i < element.length(); i++) {
            if (element.startsWith("$_$", i)) {
                key.append('-');
                i += 2;
            } else if (element.startsWith("$$", i) || element.startsWith("__", i)) {
                key.append(element.charAt(i));
                i++;
            } else if (element.charAt(i) == '_') {
                key.append('.');
            } else if (element.charAt(i) != '$') {
                key.append(element.charAt(i));
            }
        }
        return key.toString();
    }
}
