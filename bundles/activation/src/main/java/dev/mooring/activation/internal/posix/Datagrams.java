package dev.mooring.activation.internal.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/** Sends to unix datagram sockets, for which the JDK has no channel. The first use loads the native library. */
public final class Datagrams {

    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int MSG_NOSIGNAL = 0x4000;

    private static final DatagramLibC LIB_C =
            LibraryLoader.create(DatagramLibC.class).load("c");

    private Datagrams() {}

    /** Sends to a path, or to an abstract name after {@code @}. */
    public static void send(String address, byte[] datagram) throws IOException {
        byte[] name = address(address);
        int socket = LIB_C.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        check(socket);
        try {
            check(LIB_C.sendto(socket, datagram, datagram.length, MSG_NOSIGNAL, name, name.length));
        } finally {
            LIB_C.close(socket);
        }
    }

    /** {@code struct sockaddr_un} of unix(7): a path ends with a NUL, an abstract name begins with one. */
    private static byte[] address(String address) {
        boolean isAbstract = address.startsWith("@");
        byte[] name = (isAbstract ? "\0" + address.substring(1) : address + "\0").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Short.BYTES + name.length)
                .order(ByteOrder.nativeOrder())
                .putShort(AF_UNIX)
                .put(name)
                .array();
    }

    private static void check(long result) throws IOException {
        if (result < 0) {
            throw new IOException(LIB_C.strerror(LastError.getLastError(Runtime.getSystemRuntime())));
        }
    }
}
