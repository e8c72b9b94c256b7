package dev.mooring.activation.internal.posix;

import com.kenai.jffi.ArrayFlags;
import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Sends to unix datagram sockets, for which the JDK has no channel. The first use loads the native library of jffi. It calls jffi itself, because jnr-ffi
 * would load and generate some 450 further classes for these four functions.
 */
public final class Datagrams {

    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int MSG_NOSIGNAL = 0x4000;

    private static final Invoker INVOKER = Invoker.getInstance();
    private static final Function SOCKET = function("socket", Type.SINT, Type.SINT, Type.SINT, Type.SINT);
    // size_t is as wide as a pointer; of the result only the sign counts.
    private static final Function SENDTO =
            function("sendto", Type.SINT, Type.SINT, Type.POINTER, Type.POINTER, Type.SINT, Type.POINTER, Type.UINT);
    private static final Function CLOSE = function("close", Type.SINT, Type.SINT);
    private static final Function STRERROR = function("strerror", Type.POINTER, Type.SINT);

    private Datagrams() {}

    private static Function function(String name, Type result, Type... parameters) {
        // The JVM itself is linked with the C library.
        long address = Library.getDefault().getSymbolAddress(name);
        if (address == 0) {
            throw new UnsatisfiedLinkError("The C library has no function " + name);
        }
        return new Function(address, result, parameters);
    }

    /** Sends to a path, or to an abstract name after {@code @}. */
    public static void send(String address, byte[] datagram) throws IOException {
        byte[] name = address(address);
        int socket = INVOKER.invokeI3(
                SOCKET.getCallContext(), SOCKET.getFunctionAddress(), AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        check(socket);
        try {
            HeapInvocationBuffer arguments = new HeapInvocationBuffer(SENDTO);
            arguments.putInt(socket);
            arguments.putArray(datagram, 0, datagram.length, ArrayFlags.IN);
            arguments.putAddress(datagram.length);
            arguments.putInt(MSG_NOSIGNAL);
            arguments.putArray(name, 0, name.length, ArrayFlags.IN);
            arguments.putInt(name.length);
            check(INVOKER.invokeInt(SENDTO, arguments));
        } finally {
            INVOKER.invokeI1(CLOSE.getCallContext(), CLOSE.getFunctionAddress(), socket);
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

    private static void check(int result) throws IOException {
        if (result < 0) {
            long text = INVOKER.invokeN1(
                    STRERROR.getCallContext(),
                    STRERROR.getFunctionAddress(),
                    LastError.getInstance().get());
            throw new IOException(
                    new String(MemoryIO.getInstance().getZeroTerminatedByteArray(text), StandardCharsets.UTF_8));
        }
    }
}
