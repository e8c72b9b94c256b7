package dev.mooring.http.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.http.Client;
import dev.mooring.http.DirectoryShare;
import dev.mooring.http.TestServer;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.protocol.ListeningSocket;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.BundleContext;

class HttpComponentTest {

    @TempDir
    Path root;

    /** A bundle whose data area is the root. */
    private BundleContext context() {
        return (BundleContext) Proxy.newProxyInstance(
                HttpComponentTest.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> root.toFile());
    }

    private HttpComponent component(Map<String, Object> values) {
        Map<String, Object> properties = new HashMap<>(values);
        properties.put("service.pid", "dev.mooring.http~public");
        return new HttpComponent(new DirectoryShare(root), properties, context());
    }

    @Test
    void socketsAreServedFromTheStartToTheStop() throws IOException {
        TestServer.write(root.resolve("file.txt"), "content");
        try (CapturedLog log = new CapturedLog();
                ListeningSocket socket = ListeningSocket.inet("http")) {
            HttpComponent component = component(Map.of("base.path", "/x"));
            component.addSocket(socket);
            component.start();

            assertEquals(
                    "content",
                    new Client(socket.localAddress()).get("/x/file.txt").text());
            assertEquals(
                    List.of("INFO http~public serves share 'default' on http://127.0.0.1:" + socket.port()
                            + "/x/ (fd 3)"),
                    log.lines());

            component.deactivate();
            assertTrue(!socket.isOpen());
        }
    }

    @Test
    void invalidConfigurationIsLogged() {
        try (CapturedLog log = new CapturedLog()) {
            component(Map.of("base.path", "x"));
            log.await("http~public serves nothing: base.path = 'x'");
        }
    }

    @Test
    void requestsAreRefusedWithoutAccounts() throws IOException {
        Files.writeString(root.resolve("hello.txt"), "hello");
        HttpComponent component = component(Map.of("authentication", true));
        try (ListeningSocket socket = ListeningSocket.inet("http")) {
            component.addSocket(socket);
            component.start();
            Client client = new Client(socket.localAddress());
            assertEquals(401, client.get("/hello.txt").status());
            assertEquals(
                    503, client.get("/hello.txt", "Authorization: Basic YTpi").status());
        } finally {
            component.deactivate();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tls.certificate | /a.pem | tls.certificate = '/a.pem' has no key; set tls.key to the PEM file of its private key",
                "tls.key | /a.key | tls.key = '/a.key' has no certificate; set tls.certificate to the PEM file of the certificate",
                "tls.client.ca | /ca.pem | tls.client.ca = '/ca.pem' has no certificate; set tls.certificate to the PEM file of the certificate",
            })
    void certificateOrKeyAloneIsRejected(String key, String value, String message) {
        try (CapturedLog log = new CapturedLog()) {
            component(Map.of(key, value));

            log.await("http~public serves nothing: " + message + "; correct");
        }
    }

    @Test
    void commasSeparateListsAndMayOccurInHeaders() throws IOException {
        TestServer.write(root.resolve("file.txt"), "content");
        HttpComponent component = component(Map.of(
                "response.headers",
                new String[] {"Permissions-Policy: a=(), b=(self), X-Frame-Options: DENY,Referrer-Policy: origin, x"},
                "access.control.allow.origin",
                new String[] {"https://a.example, https://b.example"}));
        try (ListeningSocket socket = ListeningSocket.inet("http")) {
            component.addSocket(socket);
            component.start();
            Client.Answer answer = new Client(socket.localAddress()).get("/file.txt", "Origin: https://b.example");
            assertEquals("a=(), b=(self)", answer.header("Permissions-Policy"));
            assertEquals("DENY", answer.header("X-Frame-Options"));
            assertEquals("origin, x", answer.header("Referrer-Policy"));
            assertEquals("https://b.example", answer.header("Access-Control-Allow-Origin"));
        } finally {
            component.deactivate();
        }
    }
}
