package dev.mooring.protocol.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

class ProblemWatchTest {

    private final List<Object> registered = new ArrayList<>();

    /** A framework without Declarative Services, which is a problem. */
    private BundleContext framework(int state) {
        Bundle system = proxy(Bundle.class, Map.of("getState", arguments -> state));
        return proxy(BundleContext.class, Map.of("getBundle", arguments -> system, "registerService", arguments -> {
            registered.add(arguments[1]);
            return null;
        }));
    }

    private interface Answer {
        Object to(Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Map<String, Answer> answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> answers.getOrDefault(
                                method.getName(), none -> null)
                        .to(arguments)));
    }

    @Test
    void aProblemThatTwoChecksFindIsReported() {
        ProblemWatch watch = new ProblemWatch(framework(Bundle.ACTIVE));
        watch.look();
        assertEquals(0, registered.size());
        watch.look();
        assertEquals(1, registered.size());
        watch.close();
    }

    @Test
    void nothingIsReportedWhileTheFrameworkStops() {
        ProblemWatch watch = new ProblemWatch(framework(Bundle.STOPPING));
        watch.look();
        watch.look();
        watch.close();
        assertEquals(List.of(), registered);
    }
}
