package dev.mooring.activation.internal.posix;

import jnr.ffi.annotations.In;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/** The functions of the C library that send a datagram. */
public interface DatagramLibC {

    int socket(int family, int type, int protocol);

    @ssize_t
    long sendto(int socket, @In byte[] datagram, @size_t long length, int flags, @In byte[] address, int addressLength);

    int close(int descriptor);

    String strerror(int error);
}
