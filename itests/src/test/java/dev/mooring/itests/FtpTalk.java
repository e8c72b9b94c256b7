package dev.mooring.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A control connection of FTP, over which a test sends exactly its commands. Used by one thread at a time. */
final class FtpTalk implements AutoCloseable {

    private static final Pattern EXTENDED = Pattern.compile("\\|\\|\\|(\\d+)\\|");

    private final Socket socket;
    private final BufferedReader in;

    /** Connects and reads the greeting. */
    FtpTalk(int port) throws IOException {
        socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
        socket.setSoTimeout((int) ChildProcess.PATIENCE.toMillis());
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        in.readLine();
    }

    FtpTalk logIn() throws IOException {
        say("USER ada");
        assertTrue(say("PASS secret").startsWith("230"));
        return this;
    }

    /** Sends a command, and reads one line of the reply. */
    String say(String command) throws IOException {
        socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
        return hear();
    }

    /** Reads a line; {@code null} after the end. */
    String hear() throws IOException {
        return in.readLine();
    }

    /** Returns a port for the next transfer. */
    int passive() throws IOException {
        String reply = say("EPSV");
        Matcher port = EXTENDED.matcher(String.valueOf(reply));
        assertTrue(port.find(), reply);
        return Integer.parseInt(port.group(1));
    }

    /** Downloads a file. */
    String retrieve(String name) throws IOException {
        String content;
        try (Socket data = new Socket(InetAddress.getByName("127.0.0.1"), passive())) {
            String reply = say("RETR " + name);
            assertTrue(reply.startsWith("150"), reply);
            content = new String(data.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
        String reply = hear();
        assertTrue(reply.startsWith("226"), reply);
        return content;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
