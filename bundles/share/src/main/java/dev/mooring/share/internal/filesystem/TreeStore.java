package dev.mooring.share.internal.filesystem;

import dev.mooring.share.internal.directory.Directory;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The storage space at a path. */
final class TreeStore extends FileStore {

    private static final Map<Class<?>, String> VIEWS = Map.of(
            BasicFileAttributeView.class, "basic",
            PosixFileAttributeView.class, "posix",
            FileOwnerAttributeView.class, "owner");

    private static final long USUAL_BLOCK = 4096;

    private final TreePath file;

    TreeStore(TreePath file) {
        this.file = file;
    }

    /** A query about a path on disk. */
    @FunctionalInterface
    private interface Query<T> {
        T of(Path path) throws IOException;
    }

    private <T> T query(Query<T> query) throws IOException {
        return file.getFileSystem().visit(file, true, place -> {
            if (!place.readAttributes().isDirectory()) {
                return query(place.parent(), query);
            }
            try (Directory directory = place.parent().enter(place.name())) {
                return query(directory, query);
            }
        });
    }

    private static <T> T query(Directory directory, Query<T> query) throws IOException {
        return query.of(directory.accessPath(directory.name(".")));
    }

    @FunctionalInterface
    private interface OfFile {
        long size(File file);
    }

    @FunctionalInterface
    private interface OfStore {
        long size(FileStore store) throws IOException;
    }

    /** Uses {@link File} for the default file system, because it does not need the mount table, which may lack our mount. */
    private long measure(OfFile ofFile, OfStore ofStore) throws IOException {
        return query(path -> path.getFileSystem() == FileSystems.getDefault()
                ? ofFile.size(path.toFile())
                : ofStore.size(Files.getFileStore(path)));
    }

    @Override
    public String name() {
        return file.getFileSystem().shareName();
    }

    @Override
    public String type() {
        return TreeProvider.SCHEME;
    }

    @Override
    public boolean isReadOnly() {
        try {
            return file.getFileSystem().isReadOnly()
                    || query(path -> Files.getFileStore(path).isReadOnly());
        } catch (IOException e) {
            return false; // not in the mount table
        }
    }

    @Override
    public long getBlockSize() {
        try {
            return Math.max(1L, query(path -> Files.getFileStore(path).getBlockSize()));
        } catch (IOException | UnsupportedOperationException e) {
            return USUAL_BLOCK; // not in the mount table, or a zip file
        }
    }

    @Override
    public long getTotalSpace() throws IOException {
        return measure(File::getTotalSpace, FileStore::getTotalSpace);
    }

    @Override
    public long getUsableSpace() throws IOException {
        return measure(File::getUsableSpace, FileStore::getUsableSpace);
    }

    @Override
    public long getUnallocatedSpace() throws IOException {
        return measure(File::getFreeSpace, FileStore::getUnallocatedSpace);
    }

    @Override
    public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
        String name = VIEWS.get(type);
        return name != null && supportsFileAttributeView(name);
    }

    @Override
    public boolean supportsFileAttributeView(String name) {
        return file.getFileSystem().supportedFileAttributeViews().contains(name);
    }

    @Override
    public <V extends FileStoreAttributeView> @Nullable V getFileStoreAttributeView(Class<V> type) {
        return null;
    }

    @Override
    public Object getAttribute(String attribute) throws IOException {
        return switch (attribute) {
            case "totalSpace" -> getTotalSpace();
            case "usableSpace" -> getUsableSpace();
            case "unallocatedSpace" -> getUnallocatedSpace();
            default -> throw new UnsupportedOperationException("A share has no attribute '" + attribute + "'");
        };
    }
}
