package dev.mooring.http.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.common.Configuration;
import dev.mooring.http.HttpSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HttpProviderTest {

    /** The keys have defaults for configurations, and the settings have them for Java. */
    @Test
    void anEmptyConfigurationHasTheDefaultSettings() {
        Configuration configuration = new Configuration(HttpKeys.class, Map.of());
        assertEquals(HttpSettings.DEFAULT, HttpProvider.settings(configuration));
    }
}
