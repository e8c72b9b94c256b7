package dev.mooring.http;

import dev.mooring.share.Entry;
import dev.mooring.share.OpenFile;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** A directory as a share, without the safety checks of a real one. */
public class DirectoryShare implements Share {

    private final String name;
    private final Path root;

    /** Shares a directory. */
    public DirectoryShare(Path root) {
        this("default", root);
    }

    /** Shares a directory under a name. */
    public DirectoryShare(String name, Path root) {
        this.name = name;
        this.root = root;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean readOnly() {
        return true;
    }

    private Path resolve(SharePath path) {
        return root.resolve(String.join("/", path.names()));
    }

    @Override
    public Entry entry(SharePath path) throws IOException {
        if (!Files.exists(resolve(path))) {
            throw new NoSuchFileException(path.toString());
        }
        return entry(path, Files.readAttributes(resolve(path), BasicFileAttributes.class));
    }

    private static Entry entry(SharePath path, BasicFileAttributes attributes) {
        Entry.Kind kind = attributes.isRegularFile()
                ? Entry.Kind.FILE
                : attributes.isDirectory() ? Entry.Kind.DIRECTORY : Entry.Kind.OTHER;
        return new Entry(
                path,
                kind,
                kind == Entry.Kind.FILE ? attributes.size() : 0,
                attributes.lastModifiedTime(),
                attributes.fileKey());
    }

    @Override
    public boolean isCurrent(Entry entry) {
        try {
            return entry(entry.path()).equals(entry);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public List<Entry> list(SharePath directory) throws IOException {
        if (!Files.isDirectory(resolve(directory))) {
            throw new NotDirectoryException(directory.toString());
        }
        List<Entry> entries = new ArrayList<>();
        try (var paths = Files.newDirectoryStream(resolve(directory))) {
            for (Path path : paths) {
                entries.add(entry(directory.resolve(path.getFileName().toString())));
            }
        }
        return entries;
    }

    @Override
    public OpenFile open(SharePath path) throws IOException {
        return new OpenFile(entry(path), Files.newByteChannel(resolve(path)));
    }
}
