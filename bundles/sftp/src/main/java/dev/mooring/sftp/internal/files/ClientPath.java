package dev.mooring.sftp.internal.files;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Resolves paths as POSIX does (path_resolution(7)). The file system of a share resolves {@code ..} as text and ignores a slash at the end.
 * Here the name before {@code ..} or before a slash at the end must be a directory, and {@code ..} after a link to a directory is the
 * parent of the target.
 */
public final class ClientPath {

    private ClientPath() {}

    /**
     * Resolves a path of a client.
     *
     * @param base the start of relative paths
     */
    public static Path resolve(Path base, String text) throws IOException {
        FileSystem files = base.getFileSystem();
        if (!text.contains("..") && !endsInSlash(text)) {
            return base.resolve(files.getPath(text));
        }
        Path path = text.startsWith("/") ? files.getPath("/") : base;
        for (String name : text.split("/")) {
            if (name.equals("..")) {
                Path parent = directory(path).getParent();
                path = parent == null ? files.getPath("/") : parent;
            } else if (!name.isEmpty() && !name.equals(".")) {
                path = path.resolve(files.getPath(name));
            }
        }
        return endsInSlash(text) ? directory(path) : path;
    }

    static boolean endsInSlash(String text) {
        return text.endsWith("/") && text.length() > 1 || text.endsWith("/.");
    }

    public static String withoutSlash(String text) {
        int end = text.length();
        while (end > 1 && text.charAt(end - 1) == '/') {
            end--;
        }
        return text.substring(0, end);
    }

    /** Resolves the links of a directory. */
    static Path directory(Path path) throws IOException {
        Path real = path.toRealPath();
        requireDirectory(real);
        return real;
    }

    static void requireDirectory(Path path, LinkOption... options) throws IOException {
        if (!Files.readAttributes(path, BasicFileAttributes.class, options).isDirectory()) {
            throw new NotDirectoryException(path.toString());
        }
    }

    /**
     * Expands {@code ~} as a shell would, and makes the path absolute. An account sees no home but its own.
     *
     * @throws NoSuchFileException if the path begins with the home of another account
     */
    public static String expand(String home, String user, String path) throws NoSuchFileException {
        if (!path.startsWith("~")) {
            return path.startsWith("/") ? path : home + "/" + path;
        }
        int slash = path.indexOf('/') < 0 ? path.length() : path.indexOf('/');
        String whose = path.substring(1, slash);
        if (!whose.isEmpty() && !whose.equals(user)) {
            throw new NoSuchFileException("~" + whose, null, "the homes of other accounts are not accessible");
        }
        return home + path.substring(slash);
    }
}
