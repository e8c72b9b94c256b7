package dev.mooring.share.internal;

import java.io.Closeable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.Charset;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Something held open that need not be readable: open(2) with {@code O_PATH}. It stays the same whatever becomes of its names,
 * and {@code /proc/self/fd/N} leads to it. It takes the right to search the directory that it is in, and no more.
 *
 * <p>The JDK opens only what it reads or writes; its own native openat(2) is there if the package is opened:
 * {@code --add-opens java.base/sun.nio.fs=…}. Without that there are no pins, and what may not be read is refused. jnr-posix, which
 * other bundles have for such calls, would take half a second to load.
 */
final class Pin implements Closeable {

    private static final Logger LOG = System.getLogger(dev.mooring.share.Share.PID);

    /** As in {@code asm-generic/fcntl.h}, and on all processors that the JDK runs on. */
    private static final int O_PATH = 010000000;

    /** For a path that is absolute. */
    private static final int NOWHERE = -1;

    private static final @Nullable Natives NATIVES = Natives.find();

    /** How the JDK writes names. */
    private static final Charset NAMES = Charset.forName(System.getProperty("sun.jnu.encoding"));

    private final int number;

    private Pin(int number) {
        this.number = number;
    }

    /** What the JDK has inside. */
    private record Natives(Method openat, Method close, int noFollow) {

        static @Nullable Natives find() {
            try {
                Class<?> dispatcher = Class.forName("sun.nio.fs.UnixNativeDispatcher");
                Method openat = dispatcher.getDeclaredMethod("openat", int.class, byte[].class, int.class, int.class);
                Method close = dispatcher.getDeclaredMethod("close", int.class);
                openat.setAccessible(true);
                close.setAccessible(true);
                var noFollow = Class.forName("sun.nio.fs.UnixConstants").getDeclaredField("O_NOFOLLOW");
                noFollow.setAccessible(true);
                return new Natives(openat, close, noFollow.getInt(null));
            } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
                LOG.log(
                        Level.DEBUG,
                        "What may be searched but not read is refused; start java with --add-opens"
                                + " java.base/sun.nio.fs=ALL-UNNAMED, or =dev.mooring.share on a module path",
                        e);
                return null;
            }
        }
    }

    /**
     * Holds what an absolute path leads to; if its last name is a link, the link.
     *
     * @return {@code null} if it is not there, may not be searched for, or cannot be held
     */
    static @Nullable Pin of(Path path) {
        if (NATIVES == null) {
            return null;
        }
        try {
            byte[] name = path.toString().getBytes(NAMES);
            return new Pin((Integer) NATIVES.openat.invoke(null, NOWHERE, name, O_PATH | NATIVES.noFollow, 0));
        } catch (InvocationTargetException e) {
            LOG.log(Level.TRACE, "It cannot be held", e);
            return null;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Means what is held, and nothing else as long as this is not closed. */
    Path path() {
        return Handle.DESCRIPTORS.resolve(Integer.toString(number));
    }

    @Override
    public void close() {
        try {
            NATIVES.close.invoke(null, number);
        } catch (InvocationTargetException e) {
            LOG.log(Level.DEBUG, "Closed with an error", e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
