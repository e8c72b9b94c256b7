package dev.mooring.sftp.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.sftp.CapturedLog;
import dev.mooring.sftp.FakeAccounts;
import dev.mooring.share.Shares;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;

class SftpComponentTest {

    @TempDir
    Path root;

    /** A configuration with some values, and the defaults for the rest. */
    private static SftpComponent.Config config(Map<String, Object> values) {
        return (SftpComponent.Config) Proxy.newProxyInstance(
                SftpComponentTest.class.getClassLoader(),
                new Class<?>[] {SftpComponent.Config.class},
                (proxy, method, arguments) -> values.getOrDefault(method.getName(), method.getDefaultValue()));
    }

    /** A bundle whose data area is the root. */
    private BundleContext context() {
        return (BundleContext) Proxy.newProxyInstance(
                SftpComponentTest.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> root.toFile());
    }

    private SftpComponent component(Map<String, Object> values) {
        return new SftpComponent(
                Shares.open("default", root.toString(), true, List.of()),
                new FakeAccounts(),
                config(values),
                Map.of("service.pid", "dev.mooring.sftp~public"),
                context());
    }

    private static NamedSockets sockets(String... names) {
        return new NamedSockets() {
            @Override
            public List<NamedSocket> all() {
                return List.of();
            }

            @Override
            public List<NamedSocket> named(String name) {
                return List.of();
            }

            @Override
            public NamedSocket get(String name) throws IOException {
                throw new IOException(name);
            }

            @Override
            public Set<String> names() {
                return Set.of(names);
            }

            @Override
            public List<String> problems() {
                return List.of();
            }
        };
    }

    @Test
    void socketsAreServedFromTheStartToTheStop() throws IOException {
        try (CapturedLog log = new CapturedLog()) {
            NamedSocket socket = NamedSockets.bind(List.of("sftp=127.0.0.1:0")).get("sftp");
            SftpComponent component = component(Map.of());
            component.addSocket(socket);
            component.setAll(sockets("sftp"));
            component.start();

            log.await("INFO sftp~public serves share 'default' on sftp://127.0.0.1:" + socket.port() + "/ (fd "
                    + socket.descriptor() + ")");
            component.stop();
        }
    }

    /** What this component has logged: another server may still be making its host keys. */
    private static List<String> ofThis(CapturedLog log) {
        return log.lines().stream().filter(line -> line.contains("sftp~public")).toList();
    }

    @Test
    void missingSocketIsReportedOnceWithTheNamesThatThereAre() {
        try (CapturedLog log = new CapturedLog()) {
            SftpComponent component = component(Map.of("sockets_target", "(socket.name=files)"));
            component.start();
            assertEquals(List.of(), ofThis(log));

            component.setAll(sockets("http"));
            component.unsetAll(sockets());
            component.setAll(sockets("http"));

            assertEquals(
                    List.of("WARNING sftp~public serves nothing, because no socket matches (socket.name=files);"
                            + " the names that there are: [http]. Set FileDescriptorName= in the .socket unit,"
                            + " or sockets.target in dev.mooring.sftp~public"),
                    ofThis(log));
            component.stop();
        }
    }

    @Test
    void badConfigurationIsRefused() {
        Exception refusal =
                assertThrows(IllegalArgumentException.class, () -> component(Map.of("authentication", "none")));

        assertTrue(refusal.getMessage().contains("authentication = 'none'"), refusal.getMessage());
    }
}
