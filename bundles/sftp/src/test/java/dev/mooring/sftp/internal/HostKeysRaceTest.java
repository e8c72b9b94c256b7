package dev.mooring.sftp.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.sftp.SftpSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostKeysRaceTest {

    @TempDir
    Path directory;

    /** SSH clients warn of an attack when the key of a host changes. */
    @Test
    void serversThatStartTogetherHaveTheSameKeysAsAfterARestart() throws Exception {
        for (int round = 0; round < 10; round++) {
            Path keys = directory.resolve("keys" + round);
            List<HostKeys> servers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                servers.add(new HostKeys("sftp~" + i, settings(keys)));
            }
            Set<String> fingerprints = new HashSet<>();
            for (HostKeys server : servers) {
                fingerprints.add(fingerprint(server));
                server.close();
            }
            HostKeys later = new HostKeys("sftp~later", settings(keys));
            fingerprints.add(fingerprint(later));
            later.close();
            assertEquals(1, fingerprints.size(), fingerprints::toString);
            try (Stream<Path> files = Files.list(keys)) {
                assertEquals(
                        0,
                        files.filter(file -> file.toString().endsWith(".new")).count());
            }
        }
    }

    private static SftpSettings settings(Path keys) {
        return new SftpSettings(
                keys, List.of(), "password", 10, 10, 10, Duration.ofSeconds(9), Duration.ZERO, Duration.ZERO, false);
    }

    private static String fingerprint(HostKeys server) throws Exception {
        KeyPair ed25519 = server.loadKeys(null).iterator().next();
        return KeyUtils.getFingerPrint(ed25519.getPublic());
    }
}
