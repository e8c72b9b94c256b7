package dev.mooring.deploy.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

class SuccessorTest {

    /** What the bundles are told. */
    private final List<String> events = new ArrayList<>();

    /** The servers of the bundles that have not been stopped. */
    private final Map<Long, List<String>> servers =
            new HashMap<>(Map.of(1L, List.of("http~a", "http~b"), 2L, List.of()));

    /** What happens when the new bundle is started, and whether it then still runs. */
    private Runnable start = () -> {};

    private int state = Bundle.RESOLVED;

    private final Bundle running = bundle(1);
    private final Bundle next = bundle(2);
    private final Successor successor = new Successor(
            proxy(BundleContext.class, (self, method, arguments) -> switch (method.getName()) {
                case "installBundle" -> next;
                case "getAllServiceReferences" -> {
                    long bundle = ((String) arguments[1]).contains("=1)") ? 1 : 2;
                    yield servers.get(bundle).stream()
                            .map(SuccessorTest::reference)
                            .toArray(ServiceReference<?>[]::new);
                }
                default -> throw new AssertionError(method);
            }),
            proxy(FrameworkWiring.class, (self, method, arguments) -> null));

    private Bundle bundle(long id) {
        return proxy(Bundle.class, (self, method, arguments) -> switch (method.getName()) {
            case "getBundleId" -> id;
            case "getSymbolicName" -> "http";
            case "getLocation" -> "file:/http.jar";
            case "getState" -> state;
            case "adapt" ->
                proxy(
                        BundleStartLevel.class,
                        (level, asked, nothing) -> asked.getName().startsWith("get") ? 1 : null);
            default -> {
                events.add(method.getName() + " " + id);
                if (method.getName().equals("start") && id == 2) {
                    start.run();
                }
                yield null;
            }
        });
    }

    private static ServiceReference<?> reference(String name) {
        return proxy(ServiceReference.class, (self, method, arguments) -> name);
    }

    private static <T> T proxy(Class<T> type, InvocationHandler answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
    }

    @Test
    void theOldBundleIsRemovedWhenAllItsServersAreReplaced() throws Exception {
        start = () -> servers.put(2L, List.of("http~a", "http~b"));
        successor.replace(running);
        assertEquals(List.of("start 2", "stop 1", "uninstall 1"), events);
    }

    /** Such as one whose configuration was removed. */
    @Test
    void aServerThatHasEndedMeanwhileIsNotExpected() throws Exception {
        start = () -> {
            servers.put(1L, List.of("http~a"));
            servers.put(2L, List.of("http~a"));
        };
        successor.replace(running);
        assertEquals(List.of("start 2", "stop 1", "uninstall 1"), events);
    }

    @Test
    void theOldBundleContinuesIfTheNewOneFails() {
        assertThrows(BundleException.class, () -> successor.replace(running));
        assertEquals(List.of("start 2", "uninstall 2"), events);
    }

    /** Otherwise nobody would serve on the socket of that server. */
    @Test
    void theOldBundleStartsAgainIfTheNewOneFailsWhenItHasTakenAServer() {
        start = () -> servers.put(1L, List.of("http~b"));
        assertThrows(BundleException.class, () -> successor.replace(running));
        assertEquals(List.of("start 2", "uninstall 2", "stop 1", "start 1"), events);
    }
}
