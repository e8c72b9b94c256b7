package dev.mooring.share.internal;

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

/** The room that there is at a path. */
final class TreeStore extends FileStore {

    private static final Map<Class<?>, String> VIEWS = Map.of(
            BasicFileAttributeView.class, "basic",
            PosixFileAttributeView.class, "posix",
            FileOwnerAttributeView.class, "owner");

    private final TreePath file;

    TreeStore(TreePath file) {
        this.file = file;
    }

    /** Files need no look at the table of mounts, which may not show ours. */
    @FunctionalInterface
    private interface OfFile {
        long size(File file);
    }

    @FunctionalInterface
    private interface OfStore {
        long size(FileStore store) throws IOException;
    }

    private long measure(OfFile ofFile, OfStore ofStore) throws IOException {
        return file.getFileSystem().visit(file, true, place -> {
            if (!place.look().isDirectory()) {
                return measure(place.parent(), ofFile, ofStore);
            }
            try (Directory directory = place.parent().enter(place.name())) {
                return measure(directory, ofFile, ofStore);
            }
        });
    }

    private static long measure(Directory directory, OfFile ofFile, OfStore ofStore) throws IOException {
        Path path = directory.reach(directory.name("."));
        return path.getFileSystem() == FileSystems.getDefault()
                ? ofFile.size(path.toFile())
                : ofStore.size(Files.getFileStore(path));
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
        return file.getFileSystem().isReadOnly();
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
            default -> throw new UnsupportedOperationException("There is no '" + attribute + "' of a share");
        };
    }
}
