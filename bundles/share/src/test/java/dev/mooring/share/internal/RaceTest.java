package dev.mooring.share.internal;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.share.Entry;
import dev.mooring.share.OpenFile;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Swaps parts of the tree for links to a secret as fast as possible, while clients read. */
@Tag("files")
class RaceTest {

    private static final int READERS = 2;
    private static final int READS = 15_000;

    @TempDir
    Path tmp;

    Path root;
    Path outside;
    ExecutorService threads;

    @BeforeEach
    void makeATreeAndASecret() throws IOException {
        root = Files.createDirectories(tmp.resolve("root"));
        outside = Files.createDirectories(tmp.resolve("outside"));
        Files.writeString(outside.resolve("file"), "secret");
        Files.createDirectories(root.resolve("dir"));
        Files.writeString(root.resolve("dir/file"), "public");
        threads = Executors.newCachedThreadPool();
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void directorySwappedForALinkRevealsNoSecret() throws Exception {
        Path dir = root.resolve("dir");
        Path link = Files.createSymbolicLink(tmp.resolve("link"), outside);
        Path away = tmp.resolve("away");
        race(() -> {
            Files.move(dir, away, ATOMIC_MOVE);
            Files.move(link, dir, ATOMIC_MOVE);
            Files.move(dir, link, ATOMIC_MOVE);
            Files.move(away, dir, ATOMIC_MOVE);
        });
    }

    @Test
    void linkThatChangesBetweenInsideAndOutsideRevealsNoSecret() throws Exception {
        Path dir = root.resolve("dir");
        Files.move(dir, root.resolve("inside"));
        race(() -> {
            for (String target : List.of("inside", outside.toString())) {
                Path link = Files.createSymbolicLink(tmp.resolve("link"), Path.of(target));
                Files.move(link, dir, ATOMIC_MOVE);
            }
        });
    }

    @Test
    void fileSwappedForALinkRevealsNoSecret() throws Exception {
        Path file = root.resolve("dir/file");
        race(() -> {
            Path link = Files.createSymbolicLink(tmp.resolve("link"), outside.resolve("file"));
            Files.move(link, file, ATOMIC_MOVE);
            Path regular = Files.writeString(tmp.resolve("regular"), "public");
            Files.move(regular, file, ATOMIC_MOVE);
        });
    }

    @Test
    void entryMatchesTheContentWhileTheFileIsReplaced() throws Exception {
        Path file = root.resolve("dir/file");
        List<String> contents = List.of("x", "xx", "xxx");
        AtomicBoolean done = new AtomicBoolean();
        Future<Void> swapper = swap(done, () -> {
            for (String content : contents) {
                Files.move(Files.writeString(tmp.resolve("new"), content), file, ATOMIC_MOVE);
            }
        });
        try (OwnedShare share = Shares.open("race", root.toString(), true, List.of())) {
            for (int i = 0; i < READS; i++) {
                try (OpenFile open = share.open(SharePath.of("dir/file"))) {
                    assertEquals(open.channel().size(), open.entry().size());
                }
            }
        } finally {
            done.set(true);
        }
        swapper.get();
    }

    private interface Swap {
        void once() throws IOException;
    }

    private Future<Void> swap(AtomicBoolean done, Swap swap) {
        return threads.submit(() -> {
            while (!done.get()) {
                swap.once();
            }
            return null;
        });
    }

    private void race(Swap swap) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Future<Void> swapper = swap(done, swap);
        int served = 0;
        try (OwnedShare share = Shares.open("race", root.toString(), true, List.of())) {
            Callable<Integer> reader = () -> read(share);
            List<Future<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                readers.add(threads.submit(reader));
            }
            for (Future<Integer> each : readers) {
                served += each.get();
            }
        } finally {
            done.set(true);
        }
        swapper.get();
        assertTrue(served > 0, "no read found the public file");
        assertTrue(served < READERS * READS, "no read met the link");
    }

    /** Reads and lists repeatedly, and counts the successful reads. */
    private static int read(OwnedShare share) throws IOException {
        int served = 0;
        ByteBuffer buffer = ByteBuffer.allocate(100);
        for (int i = 0; i < READS; i++) {
            try (OpenFile file = share.open(SharePath.of("dir/file"))) {
                file.channel().read(buffer.clear());
                assertEquals(
                        "public", StandardCharsets.UTF_8.decode(buffer.flip()).toString());
                served++;
                for (Entry entry : share.list(SharePath.of("dir"))) {
                    assertEquals("file", entry.name());
                }
            } catch (NoSuchFileException e) {
                // The name was a link or missing at this moment.
            }
        }
        return served;
    }
}
