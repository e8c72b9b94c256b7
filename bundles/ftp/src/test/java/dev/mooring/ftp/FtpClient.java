package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A client that says what it is told to, and no more. */
public final class FtpClient implements Closeable {

    private static final Pattern PASSIVE = Pattern.compile("(\\d+),(\\d+),(\\d+),(\\d+),(\\d+),(\\d+)");
    private static final Pattern EXTENDED = Pattern.compile("\\|\\|\\|(\\d+)\\|");

    private final InetSocketAddress server;
    private final @Nullable SSLContext tls;
    private Socket control;
    private BufferedReader in;

    /** Connects, and hears the greeting. */
    public FtpClient(SocketAddress server) throws IOException {
        this(server, null);
    }

    /** Connects, for TLS by and by. */
    public FtpClient(SocketAddress server, @Nullable SSLContext tls) throws IOException {
        this.server = (InetSocketAddress) server;
        this.tls = tls;
        control = new Socket(this.server.getAddress(), this.server.getPort());
        control.setSoTimeout(20_000);
        in = reader(control);
        reply();
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** A reply, all lines of it; empty when the server has hung up. */
    public String reply() throws IOException {
        String line = in.readLine();
        if (line == null) {
            return "";
        }
        StringBuilder all = new StringBuilder(line);
        String end = line.substring(0, 3) + " ";
        while (!line.startsWith(end)) {
            line = in.readLine();
            all.append('\n').append(line);
        }
        return all.toString();
    }

    /** Says a command, and hears the reply. */
    public String say(String command) throws IOException {
        send((command + "\r\n").getBytes(StandardCharsets.UTF_8));
        return reply();
    }

    /** Sends bytes. */
    public void send(byte[] bytes) throws IOException {
        OutputStream out = control.getOutputStream();
        out.write(bytes);
        out.flush();
    }

    /** Sends a byte as urgent data. */
    public void sendUrgent(int octet) throws IOException {
        control.sendUrgentData(octet);
    }

    /** Says a command, and wants a reply of that code. */
    public String say(String command, int code) throws IOException {
        String reply = say(command);
        assertTrue(reply.startsWith(Integer.toString(code)), command + ": " + reply);
        return reply;
    }

    /** Logs in as one who may write. */
    public FtpClient logIn() throws IOException {
        say("USER ada", 331);
        say("PASS secret", 230);
        return this;
    }

    /** Starts TLS on the control connection, and asks for it on data connections. */
    public FtpClient secure() throws IOException {
        say("AUTH TLS", 234);
        wrapControl();
        say("PBSZ 0", 200);
        say("PROT P", 200);
        return this;
    }

    /** Makes the handshake on the control connection, after the reply to {@code AUTH}. */
    public void wrapControl() throws IOException {
        control = wrap(control);
        in = reader(control);
    }

    private Socket wrap(Socket plain) throws IOException {
        SSLSocket socket = (SSLSocket) java.util.Objects.requireNonNull(tls)
                .getSocketFactory()
                .createSocket(plain, "localhost", server.getPort(), true);
        socket.startHandshake();
        return socket;
    }

    /** The port of a reply to PASV or EPSV. */
    public static int port(String reply) {
        Matcher extended = EXTENDED.matcher(reply);
        if (extended.find()) {
            return Integer.parseInt(extended.group(1));
        }
        Matcher passive = PASSIVE.matcher(reply);
        assertTrue(passive.find(), reply);
        return Integer.parseInt(passive.group(5)) * 256 + Integer.parseInt(passive.group(6));
    }

    /** Asks for a passive port and connects to it. */
    public Socket passive() throws IOException {
        return new Socket(server.getAddress(), port(say("EPSV", 229)));
    }

    /** Receives what a command sends. */
    public byte[] receive(String command) throws IOException {
        try (Socket data = passive()) {
            say(command, 150);
            byte[] all = (tls != null && control instanceof SSLSocket ? wrap(data) : data)
                    .getInputStream()
                    .readAllBytes();
            String last = reply();
            assertTrue(last.startsWith("226"), last);
            return all;
        }
    }

    /** Receives text. */
    public String text(String command) throws IOException {
        return new String(receive(command), StandardCharsets.UTF_8);
    }

    /** Sends content; the last reply. */
    public String store(String command, byte[] content) throws IOException {
        try (Socket data = passive()) {
            say(command, 150);
            try (Socket socket = tls != null && control instanceof SSLSocket ? wrap(data) : data;
                    OutputStream out = socket.getOutputStream()) {
                out.write(content);
                if (socket instanceof SSLSocket) {
                    // To close a socket with TLS 1.3 tickets that nobody has read would reset the connection, and lose
                    // content.
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                }
            }
            return reply();
        }
    }

    /** Lets the server connect to us: says PORT or EPRT by itself, then a command, and receives. */
    public byte[] active(String command) throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            say("EPRT |1|127.0.0.1|" + listener.getLocalPort() + "|", 200);
            send((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            try (Socket data = listener.accept();
                    InputStream content = data.getInputStream()) {
                reply();
                byte[] all = content.readAllBytes();
                reply();
                return all;
            }
        }
    }

    /** Hangs up. */
    @Override
    public void close() throws IOException {
        control.close();
    }
}
