package dev.mooring.sftp;

import dev.mooring.protocol.BundleExports;
import org.junit.jupiter.api.Test;

class ModuleTest {

    @Test
    void moduleAndBundleExportTheSamePackages() throws Exception {
        BundleExports.assertSameAsModule(SftpServer.class);
    }
}
