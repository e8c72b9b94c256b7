package dev.mooring.activation.internal.posix;

import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/** The functions of the C library that jnr-posix lacks. */
public interface LibC {

    int getsockopt(int descriptor, int level, int option, @Out int[] value, @In @Out int[] length);

    int getsockname(int descriptor, @Out byte[] address, @In @Out int[] length);

    int getpeername(int descriptor, @Out byte[] address, @In @Out int[] length);

    int fstatfs(int descriptor, @Out byte[] status);

    int syscall(long number, int pid, int flags);
}
