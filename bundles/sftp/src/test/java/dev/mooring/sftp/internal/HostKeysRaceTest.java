package dev.mooring.sftp.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.sftp.SftpSettings;
import dev.mooring.sftp.TestSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
        Ed25519.register();
        List<HostKeys> servers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            servers.add(new HostKeys("sftp~race" + i, settings(directory)));
        }
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("sftp~race")) {
                thread.join();
            }
        }
        HostKeys later = new HostKeys("sftp~later", settings(directory));
        for (HostKeys server : servers) {
            assertEquals(fingerprints(later), fingerprints(server));
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(6, files.count(), "three keys and their public halves");
        }
    }

    private static SftpSettings settings(Path keys) {
        return new TestSettings(keys).get();
    }

    private static Set<String> fingerprints(HostKeys server) throws Exception {
        Set<String> fingerprints = new TreeSet<>();
        for (KeyPair pair : server.loadKeys(null)) {
            fingerprints.add(KeyUtils.getFingerPrint(pair.getPublic()));
        }
        return fingerprints;
    }
}
