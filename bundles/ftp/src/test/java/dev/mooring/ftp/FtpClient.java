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
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A client that sends exactly the commands of a test. */
public final class FtpClient implements Closeable {

    private static final Pattern PASSIVE = Pattern.compile("(\\d+),(\\d+),(\\d+),(\\d+),(\\d+),(\\d+)");
    private static final Pattern EXTENDED = Pattern.compile("\\|\\|\\|(\\d+)\\|");

    private final InetSocketAddress server;
    private final @Nullable SSLContext tls;
    private Socket control;
    private BufferedReader in;

    /** Connects and reads the greeting. */
    public FtpClient(SocketAddress server) throws IOException {
        this(server, null);
    }

    /** Connects and reads the greeting. The context is for a later {@link #secure}. */
    public FtpClient(SocketAddress server, @Nullable SSLContext tls) throws IOException {
        this(server, tls, false);
    }

    private FtpClient(SocketAddress server, @Nullable SSLContext tls, boolean implicit) throws IOException {
        this.server = (InetSocketAddress) server;
        this.tls = tls;
        Socket plain = new Socket(this.server.getAddress(), this.server.getPort());
        plain.setSoTimeout(20_000);
        control = implicit ? wrap(plain, tls()) : plain;
        in = reader(control);
        reply();
    }

    /** Connects with TLS from the first byte, and reads the greeting. */
    public static FtpClient implicit(SocketAddress server, SSLContext tls) throws IOException {
        return new FtpClient(server, tls, true);
    }

    /** The context of its TLS connections. */
    public SSLContext tls() {
        return Objects.requireNonNull(tls);
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Reads a reply with all its lines; empty after the end of the connection. */
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

    /** Sends a command and reads the reply. */
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

    /** Sends a command and expects a reply with a code. */
    public String say(String command, int code) throws IOException {
        String reply = say(command);
        assertTrue(reply.startsWith(Integer.toString(code)), command + ": " + reply);
        return reply;
    }

    /** Logs in as ada, who may write. */
    public FtpClient logIn() throws IOException {
        say("USER ada", 331);
        say("PASS secret", 230);
        return this;
    }

    /** Starts TLS on the control connection and requests it for data connections. */
    public FtpClient secure() throws IOException {
        say("AUTH TLS", 234);
        wrapControl();
        say("PBSZ 0", 200);
        say("PROT P", 200);
        return this;
    }

    /** Makes the TLS handshake on the control connection, after the reply to {@code AUTH}. */
    public void wrapControl() throws IOException {
        control = wrap(control);
        in = reader(control);
    }

    private Socket wrap(Socket plain) throws IOException {
        return wrap(plain, tls());
    }

    /** Makes the TLS handshake on a connection, with the TLS sessions of a context. */
    public Socket wrap(Socket plain, SSLContext sessions) throws IOException {
        SSLSocket socket =
                (SSLSocket) sessions.getSocketFactory().createSocket(plain, "localhost", server.getPort(), true);
        socket.startHandshake();
        return socket;
    }

    /** The port in a reply to PASV or EPSV. */
    public static int port(String reply) {
        Matcher extended = EXTENDED.matcher(reply);
        if (extended.find()) {
            return Integer.parseInt(extended.group(1));
        }
        Matcher passive = PASSIVE.matcher(reply);
        assertTrue(passive.find(), reply);
        return Integer.parseInt(passive.group(5)) * 256 + Integer.parseInt(passive.group(6));
    }

    /** Requests a passive port and connects to it. */
    public Socket passive() throws IOException {
        Socket data = new Socket() {
            /** The JDK resumes only sessions with the same port. Other clients resume that of the control connection. */
            @Override
            public int getPort() {
                return server.getPort();
            }
        };
        data.connect(new InetSocketAddress(server.getAddress(), port(say("EPSV", 229))));
        return data;
    }

    /** Sends a command and receives the content. */
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

    /** Sends a command and receives text. */
    public String text(String command) throws IOException {
        return new String(receive(command), StandardCharsets.UTF_8);
    }

    /** Sends a command and content; returns the last reply. */
    public String store(String command, byte[] content) throws IOException {
        try (Socket data = passive()) {
            say(command, 150);
            try (Socket socket = tls != null && control instanceof SSLSocket ? wrap(data) : data;
                    OutputStream out = socket.getOutputStream()) {
                out.write(content);
                if (socket instanceof SSLSocket) {
                    // Closing the socket with unread TLS 1.3 tickets would reset the connection and lose content.
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                }
            }
            return reply();
        }
    }

    /** Sends EPRT and a command, and receives the content in active mode. */
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

    /** Closes the control connection. */
    @Override
    public void close() throws IOException {
        control.close();
    }
}
