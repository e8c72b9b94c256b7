package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mooring.protocol.Rehearsal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("files")
class RehearsalTest {

    @TempDir
    Path directory;

    private final FakeAccounts accounts = new FakeAccounts();
    private Path small;

    @BeforeEach
    void makeFile() throws IOException {
        small = Files.createDirectories(directory.resolve("files")).resolve(Rehearsal.SMALL);
        Files.write(small, new byte[Rehearsal.SMALL_SIZE]);
    }

    private void rehearse(String authentication, int sessions) throws IOException {
        SftpSettings settings = new TestSettings(directory.resolve("keys"))
                .authentication(authentication)
                .get();
        try (TestServer server = new TestServer(directory, accounts, settings, false)) {
            server.server().rehearse(new FakeRehearsal(server.port(), sessions));
        }
    }

    @Test
    void logsInAndLeavesTheFilesAsTheyWere() throws IOException {
        rehearse("publickey password", 3);

        assertEquals(3, accounts.peers().size());
        try (Stream<Path> files = Files.list(small.getParent())) {
            assertEquals(Set.of(small), files.collect(Collectors.toSet()));
        }
    }

    @Test
    void aPasswordIsNotTriedIfItIsNotEnough() throws IOException {
        rehearse("publickey,password", 2);

        assertEquals(List.of(), accounts.peers());
    }

    @Test
    void aWrongFileIsAnError() throws IOException {
        Files.write(small, new byte[1]);

        assertThrows(IOException.class, () -> rehearse("password", 1));
    }

    private static final class FakeRehearsal implements Rehearsal {
        private final int port;
        private int left;

        FakeRehearsal(int port, int sessions) {
            this.port = port;
            left = sessions;
        }

        @Override
        public SocketChannel connect() throws IOException {
            return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }

        @Override
        public ByteChannel secure(ByteChannel channel) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String user() {
            return "ada";
        }

        @Override
        public String password() {
            return "secret";
        }

        @Override
        public boolean goesOn() {
            return left-- > 0;
        }
    }
}
