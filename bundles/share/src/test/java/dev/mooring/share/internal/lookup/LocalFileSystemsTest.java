package dev.mooring.share.internal.lookup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class LocalFileSystemsTest {

    private final LocalFileSystems local = new LocalFileSystems();
    private final AtomicInteger looked = new AtomicInteger();

    private boolean contain(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        return local.contain(key, () -> {
            looked.incrementAndGet();
            return path;
        });
    }

    @Test
    void memoryOfThisMachineIsLocal() throws IOException {
        Path memory = Path.of("/dev/shm");
        Assumptions.assumeTrue(
                Files.isDirectory(memory) && Files.getFileStore(memory).type().equals("tmpfs"));
        assertTrue(contain(memory));
        assertTrue(contain(memory));
        assertEquals(1, looked.get(), "the mounts are read once");
    }

    /** As that of any other process or server. */
    @Test
    void fileSystemOfTheKernelIsNot() throws IOException {
        assertFalse(contain(Path.of("/proc/self")));
        assertFalse(contain(Path.of("/proc/self/status")));
        assertEquals(1, looked.get());
    }

    @Test
    void unknownFileIsNot() {
        assertFalse(local.contain(null, () -> Path.of("/")));
        assertFalse(local.contain("no device", () -> Path.of("/")));
        assertFalse(local.contain("(dev=1,ino=1)", () -> {
            throw new NoSuchFileException("/a");
        }));
    }
}
