package dev.mooring.sftp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.sshd.client.channel.ChannelSubsystem;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.sftp.common.SftpConstants;
import org.jspecify.annotations.Nullable;

/** SFTP version 3, packet by packet. Names are in ISO 8859-1 here, so that a test can send any byte. */
final class RawSftp implements Closeable {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final ClientSession session;
    private final ChannelSubsystem channel;
    private final InputStream in;
    private final OutputStream out;
    private int last;

    RawSftp(TestServer server) throws IOException {
        this(server.login("ada", "secret"));
    }

    /** Opens another channel of a connection. */
    RawSftp(ClientSession session) throws IOException {
        this.session = session;
        channel = session.createSubsystemChannel("sftp");
        channel.open().verify(TIMEOUT);
        in = channel.getInvertedOut();
        out = channel.getInvertedIn();
        send(new byte[] {SftpConstants.SSH_FXP_INIT, 0, 0, 0, 3});
        assertEquals(SftpConstants.SSH_FXP_VERSION, receive().getUByte());
    }

    /** Sends a packet, with its length in front. */
    void send(byte... packet) throws IOException {
        ByteArrayBuffer whole = new ByteArrayBuffer();
        whole.putBytes(packet);
        sendRaw(whole.getCompactData());
    }

    /** Sends bytes unchanged. */
    void sendRaw(byte... bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** The next reply, starting with its type. */
    Buffer receive() throws IOException {
        Buffer reply = receiveOrEnd();
        if (reply == null) {
            throw new EOFException();
        }
        return reply;
    }

    /** The next reply, or {@code null} if the channel has ended. */
    @Nullable
    Buffer receiveOrEnd() throws IOException {
        byte[] length = in.readNBytes(4);
        if (length.length < 4) {
            return null;
        }
        int size = new ByteArrayBuffer(length).getInt();
        byte[] reply = in.readNBytes(size);
        return reply.length < size ? null : new ByteArrayBuffer(reply);
    }

    /** Makes a request with the next identifier. */
    byte[] request(int type, Consumer<Buffer> content) {
        ByteArrayBuffer request = new ByteArrayBuffer();
        request.putByte((byte) type);
        request.putInt(++last);
        content.accept(request);
        return request.getCompactData();
    }

    /** Sends a request, and returns the content of the reply, which must have the given type. */
    Buffer ask(int replyType, int type, Consumer<Buffer> content) throws IOException {
        send(request(type, content));
        Buffer reply = receive();
        int got = reply.getUByte();
        assertEquals(last, reply.getInt());
        if (got != replyType && got == SftpConstants.SSH_FXP_STATUS) {
            throw new IOException("status " + reply.getInt() + ": " + reply.getString());
        }
        assertEquals(replyType, got);
        return reply;
    }

    /** Sends a request that a status answers. */
    int status(int type, Consumer<Buffer> content) throws IOException {
        return ask(SftpConstants.SSH_FXP_STATUS, type, content).getInt();
    }

    static void name(Buffer buffer, String name) {
        buffer.putBytes(name.getBytes(StandardCharsets.ISO_8859_1));
    }

    byte[] open(String name, int flags) throws IOException {
        return ask(SftpConstants.SSH_FXP_HANDLE, SftpConstants.SSH_FXP_OPEN, buffer -> {
                    name(buffer, name);
                    buffer.putInt(flags);
                    buffer.putInt(0);
                })
                .getBytes();
    }

    int write(byte[] handle, long offset, String content) throws IOException {
        return status(SftpConstants.SSH_FXP_WRITE, buffer -> {
            buffer.putBytes(handle);
            buffer.putLong(offset);
            name(buffer, content);
        });
    }

    int resize(byte[] handle, long size) throws IOException {
        return status(SftpConstants.SSH_FXP_FSETSTAT, buffer -> {
            buffer.putBytes(handle);
            buffer.putInt(SftpConstants.SSH_FILEXFER_ATTR_SIZE);
            buffer.putLong(size);
        });
    }

    /** Sets mode and times. */
    int change(byte[] handle, int mode, int time) throws IOException {
        return status(SftpConstants.SSH_FXP_FSETSTAT, buffer -> {
            buffer.putBytes(handle);
            buffer.putInt(SftpConstants.SSH_FILEXFER_ATTR_PERMISSIONS | SftpConstants.SSH_FILEXFER_ATTR_ACMODTIME);
            buffer.putInt(mode);
            buffer.putInt(time);
            buffer.putInt(time);
        });
    }

    /** Size, mode and time of the last change. */
    long[] stat(int type, byte[] handleOrName) throws IOException {
        Buffer attributes = ask(SftpConstants.SSH_FXP_ATTRS, type, buffer -> buffer.putBytes(handleOrName));
        assertEquals(0xF, attributes.getInt());
        long size = attributes.getLong();
        attributes.getLong();
        long mode = attributes.getInt();
        attributes.getInt();
        return new long[] {size, mode & 07777, attributes.getUInt()};
    }

    int close(byte[] handle) throws IOException {
        return status(SftpConstants.SSH_FXP_CLOSE, buffer -> buffer.putBytes(handle));
    }

    /** Sends an extended request of OpenSSH that takes a path and returns one. */
    String path(String extension, String argument) throws IOException {
        Buffer reply = ask(SftpConstants.SSH_FXP_NAME, SftpConstants.SSH_FXP_EXTENDED, buffer -> {
            buffer.putString(extension);
            buffer.putString(argument);
        });
        assertEquals(1, reply.getInt());
        return reply.getString();
    }

    /** Waits until the server has ended the channel. */
    boolean ends() throws IOException {
        while (receiveOrEnd() != null) {
            // Replies to earlier requests.
        }
        return true;
    }

    /** Whether the server may send nothing until the client reads. */
    boolean isFull() {
        return channel.getLocalWindow().getSize() == 0;
    }

    /** Closes the connection without a message. */
    void disconnect() throws IOException {
        session.close(true).await(TIMEOUT);
    }

    /** Closes the channel, and waits until the server has closed it too. */
    void closeChannel() throws IOException {
        channel.close(false).await(TIMEOUT);
    }

    /** Closes the channel without waiting for the server. */
    void closeChannelSoon() {
        channel.close(false);
    }

    @Override
    public void close() throws IOException {
        session.close(true).await(TIMEOUT);
    }
}
