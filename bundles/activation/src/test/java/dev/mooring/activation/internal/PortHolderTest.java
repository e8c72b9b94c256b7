package dev.mooring.activation.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortHolderTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "::"})
    void theProcessThatListensIsNamed(String address) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
            assertEquals(
                    "process " + ProcessHandle.current().pid()
                            + " (java) holds the port: stop it or choose another port",
                    PortHolder.describe(socket.getLocalPort()));
        }
    }

    @Test
    void aPortWithoutAListenerIsLeftToSs() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        assertEquals("see who holds the port with: ss -ltnp 'sport = :" + free + "'", PortHolder.describe(free));
    }

    @Test
    void aConnectionDoesNotHoldItsPort() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            assertTrue(PortHolder.describe(client.getLocalPort()).startsWith("see who holds the port"));
        }
    }
}
