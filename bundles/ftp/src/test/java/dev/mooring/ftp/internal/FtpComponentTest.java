package dev.mooring.ftp.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.ftp.CapturedLog;
import dev.mooring.ftp.FakeAccounts;
import dev.mooring.ftp.FtpClient;
import dev.mooring.ftp.ListeningSocket;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Shares;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FtpComponentTest {

    @TempDir
    Path root;

    private OwnedShare share;

    @BeforeEach
    void open() {
        share = Shares.open("default", root.toString(), false, List.of());
    }

    @AfterEach
    void close() throws IOException {
        share.close();
    }

    /** A configuration with some values, and the defaults for the rest. */
    private static FtpComponent.Config config(Map<String, Object> values) {
        return (FtpComponent.Config) Proxy.newProxyInstance(
                FtpComponentTest.class.getClassLoader(),
                new Class<?>[] {FtpComponent.Config.class},
                (proxy, method, arguments) -> values.getOrDefault(method.getName(), method.getDefaultValue()));
    }

    private FtpComponent component(Map<String, Object> values) {
        return new FtpComponent(share, config(values), Map.of("service.pid", "dev.mooring.ftp~public"));
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
        Files.writeString(root.resolve("f"), "abc");
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("ftp");
                ListeningSocket data = ListeningSocket.inet("ftp-data")) {
            FtpComponent component = component(Map.of());
            FakeAccounts accounts = new FakeAccounts();
            component.addSocket(socket);
            component.addDataSocket(data);
            component.setAll(sockets("ftp"));
            component.start();
            try (FtpClient client = new FtpClient(socket.localAddress())) {
                client.say("USER ada", 331);
                assertEquals("530 Nobody can log in: the server has no accounts.", client.say("PASS secret"));
                component.setAccounts(accounts);
                client.logIn();
                assertEquals("abc", client.text("RETR f"));
                assertEquals(data.port(), FtpClient.port(client.say("EPSV", 229)));
                component.unsetAccounts(accounts);
            }
            assertEquals(
                    List.of("INFO ftp~public serves share 'default' on ftp://127.0.0.1:" + socket.port() + "/ (fd 3)"),
                    log.lines());

            component.stop();
            assertFalse(socket.isOpen());
            assertFalse(data.isOpen());
        }
    }

    @Test
    void missingSocketIsReportedOnceWithTheNamesThatThereAre() {
        try (CapturedLog log = new CapturedLog()) {
            FtpComponent component = component(Map.of("sockets_target", "(socket.name=web)"));
            component.start();
            assertEquals(List.of(), log.lines());

            component.setAll(sockets("ssh"));
            component.unsetAll(sockets());
            component.setAll(sockets("ssh"));

            assertEquals(
                    List.of("WARNING ftp~public serves nothing, because no socket matches (socket.name=web);"
                            + " the names that there are: [ssh]. Set FileDescriptorName= in the .socket unit,"
                            + " or sockets.target in dev.mooring.ftp~public"),
                    log.lines());
            component.stop();
        }
    }

    @Test
    void badConfigurationIsRefused() {
        Exception refusal = assertThrows(IllegalArgumentException.class, () -> component(Map.of("tls", "yes")));
        assertEquals("tls = 'yes' is none of off, allowed, required, implicit", refusal.getMessage());

        refusal =
                assertThrows(IllegalArgumentException.class, () -> component(Map.of("tls_certificate", "/etc/a.pem")));
        assertTrue(refusal.getMessage().contains("has no key"), refusal.getMessage());
    }

    @Test
    void engineIsNotLoadedBeforeThereIsASocket() throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xlog:class+load",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Idle.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(java.getInputStream().readAllBytes());
        assertEquals(0, java.waitFor(), output);
        assertTrue(output.contains("dev.mooring.ftp.FtpFileServer"));
        assertFalse(output.contains("org.apache.mina") || output.contains("org.apache.ftpserver"));
    }

    /** A component that has no socket. */
    public static final class Idle {
        /** Starts and stops it. */
        public static void main(String[] arguments) throws IOException {
            try (OwnedShare share = Shares.open("default", "/", true, List.of())) {
                FtpComponent component =
                        new FtpComponent(share, config(Map.of()), Map.of("service.pid", "dev.mooring.ftp~public"));
                component.start();
                component.stop();
            }
        }
    }
}
