package dev.mooring.share.internal.directory;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A path to an open file or directory that stays valid even if its names change: {@code /proc/self/fd/N}. It provides the functions that secure
 * directory streams lack: mkdirat, symlinkat, linkat, readlinkat, and all attributes.
 *
 * <p>The JDK does not reveal N. This class sets the position of the channel to a random number, and finds the descriptor with this position in
 * {@code /proc/self/fdinfo}. That works for directories too. N stays valid until the channel is closed.
 */
public final class Handle implements Closeable {

    static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path POSITIONS = Path.of("/proc/self/fdinfo");

    /** The last N. The kernel assigns the lowest free descriptor, so the next one is likely to be the same. */
    private static volatile Path hint = Path.of("0");

    private final FileChannel channel;
    private final boolean owned;
    private final Path path;

    private Handle(FileChannel channel, boolean owned) throws IOException {
        this.channel = channel;
        this.owned = owned;
        this.path = DESCRIPTORS.resolve(number(channel));
    }

    public static Handle of(SecureDirectoryStream<Path> directory) throws IOException {
        SeekableByteChannel channel = directory.newByteChannel(Path.of("."), Set.of(READ, NOFOLLOW_LINKS));
        try {
            return new Handle((FileChannel) channel, true);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Makes a handle of a channel. The caller keeps ownership, and must not use the channel during this call. */
    public static Handle of(FileChannel channel) throws IOException {
        return new Handle(channel, false);
    }

    /** The path. It means the open file as long as this handle and its channel are open. */
    public Path path() {
        return path;
    }

    private static Path number(FileChannel channel) throws IOException {
        long before = channel.position();
        long mark = ThreadLocalRandom.current().nextLong(1 << 24, Integer.MAX_VALUE);
        try {
            channel.position(mark);
            byte[] line = ("pos:\t" + mark + '\n').getBytes(US_ASCII);
            Path likely = hint;
            if (begins(POSITIONS.resolve(likely), line)) {
                return likely;
            }
            try (DirectoryStream<Path> positions = Files.newDirectoryStream(POSITIONS)) {
                for (Path each : positions) {
                    if (begins(each, line)) {
                        hint = each.getFileName();
                        return each.getFileName();
                    }
                }
            }
        } finally {
            channel.position(before);
        }
        throw new FileSystemException(null, null, "cannot be found among the open files of this process; mount /proc");
    }

    private static boolean begins(Path file, byte[] line) {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(line.length), line);
        } catch (IOException e) {
            return false; // closed meanwhile, so it is another file
        }
    }

    @Override
    public void close() throws IOException {
        if (owned) {
            channel.close();
        }
    }
}
