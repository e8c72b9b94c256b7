package dev.mooring.share.internal;

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
 * A path to something open that stays with it whatever becomes of its names: {@code /proc/self/fd/N}. It gives what secure
 * directory streams lack: mkdirat, symlinkat, linkat, readlinkat, and all attributes.
 *
 * <p>The JDK does not tell N. It is the one descriptor whose position, as {@code /proc/self/fdinfo} has it, is the random
 * number that the channel was set to; directories can be positioned, too. The number stays ours until the channel is
 * closed.
 */
final class Handle implements Closeable {

    static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path POSITIONS = Path.of("/proc/self/fdinfo");

    /** Where the last one was: descriptors are given lowest first, so the next is likely to be there, too. */
    private static volatile Path hint = Path.of("0");

    private final FileChannel channel;
    private final boolean owned;
    private final Path path;

    private Handle(FileChannel channel, boolean owned) throws IOException {
        this.channel = channel;
        this.owned = owned;
        this.path = DESCRIPTORS.resolve(number(channel));
    }

    static Handle of(SecureDirectoryStream<Path> directory) throws IOException {
        SeekableByteChannel channel = directory.newByteChannel(Path.of("."), Set.of(READ, NOFOLLOW_LINKS));
        try {
            return new Handle((FileChannel) channel, true);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Of a channel that stays with its owner, who does not use it meanwhile. */
    static Handle of(FileChannel channel) throws IOException {
        return new Handle(channel, false);
    }

    /** Means what is open, and nothing else as long as this handle and its channel are not closed. */
    Path path() {
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
        throw new FileSystemException(
                null, null, "cannot be told among the open files of this process; mount /proc for it");
    }

    private static boolean begins(Path file, byte[] line) {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(line.length), line);
        } catch (IOException e) {
            return false; // closed meanwhile, so it is another's
        }
    }

    @Override
    public void close() throws IOException {
        if (owned) {
            channel.close();
        }
    }
}
