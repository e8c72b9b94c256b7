package dev.mooring.ftp.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.ftp.FakeAccounts;
import dev.mooring.ftp.FtpClient;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.ListeningSocket;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Share;
import dev.mooring.share.Shares;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;

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

    private static FtpComponent component(Share share, Map<String, Object> values) {
        Map<String, Object> properties = new HashMap<>(values);
        properties.put("service.pid", "dev.mooring.ftp~public");
        return new FtpComponent(share, properties, context());
    }

    /** The context of a bundle with a data area. */
    private static BundleContext context() {
        return (BundleContext) Proxy.newProxyInstance(
                FtpComponentTest.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> new File("/nonexistent"));
    }

    private FtpComponent component(Map<String, Object> values) {
        return component(share, values);
    }

    @Test
    void socketsAreServedFromStartToStop() throws IOException {
        Files.writeString(root.resolve("f"), "abc");
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("ftp");
                ListeningSocket data = ListeningSocket.inet("ftp-data")) {
            FtpComponent component = component(Map.of());
            FakeAccounts accounts = new FakeAccounts();
            component.addSocket(socket);
            component.addDataSocket(data);
            component.start();
            try (FtpClient client = new FtpClient(socket.localAddress())) {
                client.say("USER ada", 331);
                assertEquals("421 Nobody can log in at the moment; try again in 5 s.", client.say("PASS secret"));
            }
            component.setAccounts(accounts);
            try (FtpClient client = new FtpClient(socket.localAddress())) {
                client.logIn();
                assertEquals("abc", client.text("RETR f"));
                assertEquals(data.port(), FtpClient.port(client.say("EPSV", 229)));
                component.unsetAccounts(accounts);
            }
            log.await("INFO ftp~public serves share 'default' on ftp://127.0.0.1:" + socket.port() + "/ (fd 3)");
            log.await("WARNING ftp~public lets nobody in, because there are no accounts");

            component.deactivate();
            assertFalse(socket.isOpen());
            assertFalse(data.isOpen());
        }
    }

    @Test
    void invalidConfigurationIsLogged() {
        try (CapturedLog log = new CapturedLog()) {
            component(Map.of("tls", "yes"));
            log.await("ftp~public serves nothing: tls = 'yes' is none of off, allowed, required, implicit; correct");
            component(Map.of("tls.reuse", "on"));
            log.await("ftp~public serves nothing: tls.reuse = 'on' is neither off nor required; correct");
            component(Map.of("tls.certificate", "/etc/a.pem"));
            log.await("has no key");
        }
    }

    @Test
    void engineIsNotLoadedWithoutASocket() throws Exception {
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
        assertFalse(output.contains("dev.mooring.ftp.internal.session.FtpEngine"));
    }

    /** A component without a socket. */
    public static final class Idle {
        /** Starts and stops the component. */
        public static void main(String[] arguments) throws IOException {
            try (OwnedShare share = Shares.open("default", "/", true, List.of())) {
                FtpComponent component = component(share, Map.of());
                component.start();
                component.deactivate();
            }
        }
    }
}
