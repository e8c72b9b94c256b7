package dev.mooring.share.internal.directory;

import java.io.Closeable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.Charset;
import java.nio.file.ClosedDirectoryStreamException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A file or directory held open by open(2) with {@code O_PATH}, which need not be readable. It stays the same even if its names change, and
 * {@code /proc/self/fd/N} leads to it. Opening it only needs the right to search its directory.
 *
 * <p>The JDK opens files only for reading or writing. This class uses the JDK's internal openat(2), which needs
 * {@code --add-opens java.base/sun.nio.fs=…}. Without this option there are no such descriptors, and unreadable directories are refused. jnr-posix, which other bundles
 * use for such calls, would take half a second to load.
 */
final class PathDescriptor implements Closeable {

    private static final Logger LOG = System.getLogger(dev.mooring.share.Share.PID);

    /** The value in {@code asm-generic/fcntl.h}. It is the same on all processors that the JDK supports. */
    private static final int O_PATH = 010000000;

    /** Passed as the directory descriptor, which openat(2) ignores for an absolute path. */
    private static final int NOWHERE = -1;

    private static final @Nullable Natives NATIVES = Natives.find();

    /** The JDK's encoding of file names. */
    private static final Charset NAMES = Charset.forName(System.getProperty("sun.jnu.encoding"));

    private final int number;

    /** The kernel gives a closed number to the next file that any thread opens, so it must never be closed or used again. */
    private final AtomicBoolean closed = new AtomicBoolean();

    private PathDescriptor(int number) {
        this.number = number;
    }

    /** Internal methods of the JDK. */
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
                        "Directories that may be searched but not read are refused; start java with --add-opens"
                                + " java.base/sun.nio.fs=ALL-UNNAMED, or =dev.mooring.share on a module path",
                        e);
                return null;
            }
        }
    }

    /**
     * Opens an absolute path. If its last name is a link, this opens the link itself.
     *
     * @return {@code null} if it does not exist or cannot be opened, or if openat(2) of the JDK is not accessible
     */
    static @Nullable PathDescriptor of(Path path) {
        if (NATIVES == null) {
            return null;
        }
        try {
            byte[] name = path.toString().getBytes(NAMES);
            return new PathDescriptor(
                    (Integer) NATIVES.openat.invoke(null, NOWHERE, name, O_PATH | NATIVES.noFollow, 0));
        } catch (InvocationTargetException e) {
            LOG.log(Level.TRACE, "Opening with O_PATH failed", e);
            return null;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The path. It means the open file until this object is closed.
     *
     * @throws ClosedDirectoryStreamException if it is closed
     */
    Path path() {
        if (closed.get()) {
            throw new ClosedDirectoryStreamException();
        }
        return Handle.DESCRIPTORS.resolve(Integer.toString(number));
    }

    /** Closes the file. Further calls do nothing. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        try {
            NATIVES.close.invoke(null, number);
        } catch (InvocationTargetException e) {
            LOG.log(Level.DEBUG, "Closing a descriptor failed", e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
