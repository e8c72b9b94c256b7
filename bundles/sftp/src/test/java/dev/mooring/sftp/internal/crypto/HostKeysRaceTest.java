package dev.mooring.sftp.internal.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

    /** SSH clients warn of an attack if the key of a host changes. */
    @Test
    void serversThatStartTogetherHaveTheKeysOfALaterServer() throws Exception {
        Ed25519.register();
        List<HostKeys> servers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            servers.add(new HostKeys("sftp~race" + i, directory, List.of()));
        }
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("sftp~race")) {
                thread.join();
            }
        }
        HostKeys later = new HostKeys("sftp~later", directory, List.of());
        for (HostKeys server : servers) {
            assertEquals(fingerprints(later), fingerprints(server));
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(6, files.count(), "three keys and their public halves");
        }
    }

    private static Set<String> fingerprints(HostKeys server) throws Exception {
        Set<String> fingerprints = new TreeSet<>();
        for (KeyPair pair : server.loadKeys(null)) {
            fingerprints.add(KeyUtils.getFingerPrint(pair.getPublic()));
        }
        return fingerprints;
    }
}
