package dev.mooring.sftp.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.common.Configuration;
import dev.mooring.sftp.SftpSettings;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SftpProviderTest {

    /** The keys have defaults for configurations, and the settings have them for Java. The default directory depends on the environment. */
    @Test
    void anEmptyConfigurationHasTheDefaultSettings() {
        Configuration configuration = new Configuration(SftpProvider.Keys.class, Map.of("host.key.directory", "state"));
        Path directory = Path.of("state");
        assertEquals(SftpSettings.defaults(directory), SftpProvider.settings(configuration, directory));
    }
}
