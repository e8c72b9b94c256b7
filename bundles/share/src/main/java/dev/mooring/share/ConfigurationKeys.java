package dev.mooring.share;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Constants;

/**
 * Tells an operator of keys in a configuration that nothing reads, which are misspelt as a rule, and of values that are not what
 * they should be.
 */
public final class ConfigurationKeys {

    /** Keys that the framework, declarative services and Felix File Install add, and private ones. */
    private static final Pattern OTHERS = Pattern.compile(
            "objectClass|(service|component|felix\\.fileinstall)\\..*|\\..*|.*\\.(target|cardinality\\.minimum)");

    private static final Pattern BOOLEAN = Pattern.compile("true|false", Pattern.CASE_INSENSITIVE);
    private static final Pattern MANGLED = Pattern.compile("\\$_\\$|\\$\\$|\\$|__|_");

    private ConfigurationKeys() {}

    /**
     * Logs a warning for each key that is neither an element of the configuration type nor one of those that the
     * framework adds ({@code service.*}, {@code component.*}, {@code felix.fileinstall.*}, {@code objectClass},
     * {@code *.target}, {@code *.cardinality.minimum}, and what begins with a dot). It says the key, the PID, and the keys
     * that there are. A component calls this once, when it is activated.
     *
     * @param config the component property type; its elements are mapped to keys by the rules of Declarative Services
     *     1.4, section 112.8.2.1, short of {@code PREFIX_}
     * @param properties the properties that the component was activated with, {@code service.pid} among them
     * @param log where to
     */
    public static void warnOfUnknown(Class<? extends Annotation> config, Map<String, ?> properties, Logger log) {
        Set<String> known = new TreeSet<>();
        for (Method element : config.getDeclaredMethods()) {
            known.add(key(element.getName()));
        }
        for (String key : new TreeSet<>(properties.keySet())) {
            if (!known.contains(key) && !OTHERS.matcher(key).matches()) {
                log.log(
                        Level.WARNING,
                        "Configuration " + properties.get(Constants.SERVICE_PID) + ": unknown key '" + key
                                + "' is ignored; the keys are " + String.join(", ", known));
            }
        }
    }

    /**
     * Refuses a value that Declarative Services would take for something else, or refuse without a word of which it is: a
     * number that is none, and {@code read.only = yes}, which would count as {@code false}.
     *
     * @param config the component property type
     * @param properties the properties that the component was activated with
     * @throws IllegalArgumentException if a value is no good; the message says which key, what is wrong and the remedy
     */
    public static void check(Class<? extends Annotation> config, Map<String, ?> properties) {
        for (Method element : config.getDeclaredMethods()) {
            String key = key(element.getName());
            if (properties.get(key) instanceof String value) {
                Class<?> type = element.getReturnType();
                if (type == boolean.class && !BOOLEAN.matcher(value).matches()) {
                    throw new IllegalArgumentException(key + " = '" + value + "' is neither true nor false");
                }
                if ((type == long.class || type == int.class) && !isNumber(value, type)) {
                    throw new IllegalArgumentException(
                            key + " = '" + value + "' is no number; write one, like " + element.getDefaultValue());
                }
            }
        }
    }

    private static boolean isNumber(String value, Class<?> type) {
        try {
            long number = Long.parseLong(value);
            return type == long.class || number == (int) number;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static String key(String element) {
        return MANGLED.matcher(element)
                .replaceAll(mangled -> Matcher.quoteReplacement(
                        switch (mangled.group()) {
                            case "$_$" -> "-";
                            case "$$" -> "$";
                            case "$" -> "";
                            case "__" -> "_";
                            default -> ".";
                        }));
    }
}
