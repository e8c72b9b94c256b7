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

/** Tells an operator of keys in a configuration that nothing reads, which are misspelt as a rule. */
public final class ConfigurationKeys {

    /** Keys that the framework, declarative services and Felix File Install add, and private ones. */
    private static final Pattern OTHERS = Pattern.compile(
            "objectClass|(service|component|felix\\.fileinstall)\\..*|\\..*|.*\\.(target|cardinality\\.minimum)");

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
