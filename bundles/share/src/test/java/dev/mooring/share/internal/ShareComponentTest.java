package dev.mooring.share.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.common.LogRecorder;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

@Tag("files")
class ShareComponentTest {

    @TempDir
    Path root;

    /** The registered services. */
    private final Map<Share, Dictionary<?, ?>> services = new HashMap<>();

    @Test
    void shareIsPublishedUnderTheNameInThePidUntilDeactivation() throws IOException {
        ShareComponent component = activate("dev.mooring.share~public", "");
        Share share = services.keySet().iterator().next();
        assertEquals("public", share.name());
        assertTrue(share.readOnly());
        assertEquals("public", services.get(share).get(Share.SHARE_NAME));
        assertEquals(root.toString(), services.get(share).get(Share.SHARE_ROOT));
        assertEquals(List.of(), share.list(SharePath.ROOT));
        component.close();
        assertTrue(services.isEmpty());
        assertThrows(IOException.class, () -> share.list(SharePath.ROOT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev.mooring.share~a-b", "dev.mooring.share-a-b", "dev.mooring.share.a-b"})
    void nameIsThePartAfterTheFactoryPid(String pid) {
        activate(pid, "");
        assertEquals("a-b", services.keySet().iterator().next().name());
    }

    @Test
    void configuredNameHasPrecedenceOverThePid() {
        activate("dev.mooring.share~public", "own");
        assertEquals("own", services.keySet().iterator().next().name());
    }

    @Test
    void configurationWithoutANameIsRefused() {
        try (LogRecorder log = new LogRecorder(Share.PID)) {
            ShareComponent component = activate("dev.mooring.share", "");
            assertTrue(log.lines().get(0).contains("dev.mooring.share~NAME"), log.lines()::toString);
            assertTrue(services.isEmpty());
            component.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void missingRootIsLoggedAtOnceAndTheShareIsPublished() {
        root = root.resolve("later");
        try (LogRecorder log = new LogRecorder(Share.PID)) {
            activate("dev.mooring.share~late", "");
            assertEquals(1, log.lines().size());
            assertTrue(log.lines().get(0).startsWith("SEVERE Share 'late': root '" + root + "' does not exist"));
        }
        assertEquals(1, services.size());
    }

    @Test
    void unknownKeyIsReportedWithTheKnownKeys() {
        try (LogRecorder log = new LogRecorder(Share.PID)) {
            new ShareComponent(
                    context(),
                    Map.of("service.pid", "dev.mooring.share~a", "readonly", "true", "root", root.toString()));
            assertEquals(
                    List.of("WARNING Configuration dev.mooring.share~a: unknown key 'readonly' is ignored;"
                            + " the keys are hidden, name, read.only, root"),
                    log.lines());
        }
    }

    @Test
    void listInOneStringIsSplitAtCommasOutsideBraces() {
        assertEquals(
                List.of(".*", "*.{bak,tmp}", "x", "{a,b}{c,d}", "y"),
                ShareConfiguration.globs(List.of(" .*, *.{bak,tmp} ,,x", "{a,b}{c,d},y", "")));
        assertEquals(List.of(), ShareConfiguration.globs(List.of()));
    }

    private ShareComponent activate(String pid, String name) {
        return new ShareComponent(context(), Map.of("service.pid", pid, "root", root.toString(), "name", name));
    }

    /** A context that can only register and unregister services. */
    private BundleContext context() {
        ClassLoader loader = getClass().getClassLoader();
        return (BundleContext)
                Proxy.newProxyInstance(loader, new Class<?>[] {BundleContext.class}, (c, register, args) -> {
                    services.put((Share) args[1], (Dictionary<?, ?>) args[2]);
                    return Proxy.newProxyInstance(
                            loader, new Class<?>[] {ServiceRegistration.class}, (r, unregister, none) -> {
                                services.remove(args[1]);
                                return null;
                            });
                });
    }
}
