package dev.mooring.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.mooring.protocol.ProtocolServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WiringTest {

    @Test
    void unreadFileDoesNotRestartTheIdleTimeAtEachLook(@TempDir Path cache) {
        Wiring wiring = new Wiring(cache, () -> {});
        wiring.setUnread(Map.of("dev.mooring.http~a", "has a file that cannot be read"));
        ProtocolServer shown = wiring.all().get(0);
        wiring.setUnread(Map.of("dev.mooring.http~a", "has a file that cannot be read"));
        assertSame(shown, wiring.all().get(0));
        wiring.setUnread(Map.of());
        assertEquals(List.of(), wiring.all());
    }
}
