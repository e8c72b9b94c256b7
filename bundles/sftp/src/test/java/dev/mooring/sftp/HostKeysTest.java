package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.protocol.CapturedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("files")
class HostKeysTest {

    @TempDir
    Path directory;

    private static PublicKey seenBy(TestServer server) throws IOException {
        AtomicReference<PublicKey> seen = new AtomicReference<>();
        server.client().setServerKeyVerifier((session, address, key) -> {
            seen.set(key);
            return true;
        });
        server.login("ada", "secret").close();
        return seen.get();
    }

    private SftpSettings given(Path... files) {
        return new TestSettings(directory.resolve("keys"))
                .hostKeys(List.of(files))
                .get();
    }

    @Test
    void keysAreGeneratedOnTheFirstConnectionAndKept() throws Exception {
        Path keys = directory.resolve("keys");
        PublicKey first;
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(directory)) {
            assertFalse(Files.exists(keys));
            first = seenBy(server);
            log.await("made the host key " + keys.resolve("ssh_host_rsa_key"));
        }
        for (String type : List.of("ed25519", "ecdsa", "rsa")) {
            Path file = keys.resolve("ssh_host_" + type + "_key");
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            assertTrue(Files.readString(file).startsWith("-----BEGIN OPENSSH PRIVATE KEY-----"));
            assertTrue(
                    Files.readString(keys.resolve(file.getFileName() + ".pub")).contains(" mooring"));
        }
        try (TestServer server = new TestServer(directory)) {
            assertTrue(KeyUtils.compareKeys(first, seenBy(server)));
        }
    }

    @Test
    void configuredKeysAreUsedAndNoneIsGenerated() throws Exception {
        try (TestServer server = new TestServer(directory)) {
            seenBy(server);
        }
        Path given = Files.move(directory.resolve("keys/ssh_host_ecdsa_key"), directory.resolve("given"));
        Path keys = directory.resolve("none");
        SftpSettings settings = new TestSettings(keys).hostKeys(List.of(given)).get();
        try (TestServer server = new TestServer(directory, new FakeAccounts(), settings, false)) {
            assertEquals("ecdsa-sha2-nistp256", KeyUtils.getKeyType(seenBy(server)));
        }
        assertFalse(Files.exists(keys));
    }

    @Test
    void configuredKeyThatOthersCanReadIsRefusedAtTheStart() throws Exception {
        Path open = Files.writeString(directory.resolve("open"), "a key");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r-----"));
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(directory, new FakeAccounts(), given(open), false)) {
            String line = log.await("host key " + open);
            assertTrue(line.contains("rw-r-----") && line.contains("chmod 600"), line);

            assertThrows(SshException.class, () -> server.login("ada", "secret"));
            log.await("has no host key, so no client can connect");
        }
    }

    @Test
    void unwritableDirectoryIsReportedOnceAtTheStartAndTheKeyIsTemporary() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "in the way");
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(
                        directory, new FakeAccounts(), SftpSettings.defaults(file.resolve("keys")), false)) {
            String line = log.await("cannot keep its host keys in " + file.resolve("keys"));
            assertTrue(line.contains(file + " is not a directory") && line.contains("set host.key.directory"), line);

            PublicKey key = seenBy(server);
            assertTrue(KeyUtils.compareKeys(key, seenBy(server)));
            assertEquals(
                    1,
                    log.lines().stream()
                            .filter(each -> each.contains("cannot keep"))
                            .count());
            assertFalse(log.hasStackTrace(), () -> log.lines().toString());
        }
    }

    @Test
    void generatedKeyThatOthersCanReadIsReportedAtTheStart() throws Exception {
        Path keys = directory.resolve("keys");
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(directory)) {
            seenBy(server);
            log.await("made the host key " + keys.resolve("ssh_host_rsa_key"));
        }
        Path open = keys.resolve("ssh_host_ed25519_key");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(directory)) {
            assertTrue(log.await("host key " + open).contains("rw-r--r--"));
            assertEquals("ecdsa-sha2-nistp256", KeyUtils.getKeyType(seenBy(server)));
        }
    }

    @Test
    void invalidAndMissingKeysAreReported() throws Exception {
        Path broken = Files.createFile(
                directory.resolve("broken"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(broken, "not a key");
        Path folder = Files.createDirectory(
                directory.resolve("folder"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (CapturedLog log = new CapturedLog();
                TestServer server = new TestServer(
                        directory, new FakeAccounts(), given(broken, directory.resolve("missing"), folder), false)) {
            log.await("there is no such file; name one in host.keys");
            log.await("host key " + folder + ", because it cannot be read");
            log.await("host key " + broken + ", because it is not a private key");
            assertThrows(SshException.class, () -> server.login("ada", "secret"));
            log.await("has no host key, so no client can connect");
            assertFalse(log.hasStackTrace(), () -> log.lines().toString());
        }
    }
}
