package dev.mooring.ftp.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.common.Configuration;
import dev.mooring.ftp.FtpSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FtpProviderTest {

    /** The keys have defaults for configurations, and the settings have them for Java. */
    @Test
    void anEmptyConfigurationHasTheDefaultSettings() {
        Configuration configuration = new Configuration(FtpProvider.Keys.class, Map.of());
        assertEquals(FtpSettings.DEFAULT, FtpProvider.settings(configuration));
    }
}
