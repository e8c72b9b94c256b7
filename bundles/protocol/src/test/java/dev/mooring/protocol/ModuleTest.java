package dev.mooring.protocol;

import org.junit.jupiter.api.Test;

class ModuleTest {

    @Test
    void modulesExportsAreTheBundlesExports() throws Exception {
        BundleExports.assertSameAsModule(SocketServer.class);
    }
}
