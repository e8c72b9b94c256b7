package dev.mooring.sftp.internal;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import dev.mooring.protocol.CapturedLog;
import dev.mooring.share.Shares;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;

class SftpComponentTest {

    @TempDir
    Path root;

    /** The context of a bundle whose data area is the root. */
    private BundleContext context() {
        return (BundleContext) Proxy.newProxyInstance(
                SftpComponentTest.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> root.toFile());
    }

    private SftpComponent component(Map<String, Object> values) {
        Map<String, Object> properties = new HashMap<>(values);
        properties.put("service.pid", "dev.mooring.sftp~public");
        return new SftpComponent(Shares.open("default", root.toString(), true, List.of()), properties, context());
    }

    @Test
    void socketsAreServedFromStartToStop() throws IOException {
        try (CapturedLog log = new CapturedLog()) {
            NamedSocket socket = NamedSockets.bind(List.of("sftp=127.0.0.1:0")).get("sftp");
            SftpComponent component = component(Map.of());
            component.addSocket(socket);
            component.start();

            log.await("INFO sftp~public serves share 'default' on sftp://127.0.0.1:" + socket.port() + "/ (fd "
                    + socket.descriptor() + ")");
            component.deactivate();
        }
    }

    @Test
    void invalidConfigurationIsLogged() {
        try (CapturedLog log = new CapturedLog()) {
            component(Map.of("authentication", "none"));
            log.await("sftp~public serves nothing: authentication = 'none'");
        }
    }
}
