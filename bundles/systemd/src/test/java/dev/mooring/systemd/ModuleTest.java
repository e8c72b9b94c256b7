package dev.mooring.systemd;

import dev.mooring.protocol.BundleExports;
import org.junit.jupiter.api.Test;

class ModuleTest {

    @Test
    void modulesExportsAreTheBundlesExports() throws Exception {
        BundleExports.assertSameAsModule(SystemdService.class);
    }
}
