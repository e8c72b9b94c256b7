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
 * Paths as POSIX has them (path_resolution(7)). The file system of a share takes {@code ..} off by its text and knows no slash at
 * the end: here what is in front of {@code ..} or of the last slash has to be a directory, and {@code ..} in a linked one is the
 * parent of the directory that the link leads to.
 */
public final class ClientPath {

    private ClientPath() {}

    /**
     * What a client means by a path.
     *
     * @param base where it begins if it is relative
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

    /** Where a directory really is. */
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
     * A path as a shell would expand it, and from the root. Every account has its home, and sees nobody else's.
     *
     * @throws NoSuchFileException if it begins with the home of another account
     */
    public static String expand(String home, String user, String path) throws NoSuchFileException {
        if (!path.startsWith("~")) {
            return path.startsWith("/") ? path : home + "/" + path;
        }
        int slash = path.indexOf('/') < 0 ? path.length() : path.indexOf('/');
        String whose = path.substring(1, slash);
        if (!whose.isEmpty() && !whose.equals(user)) {
            throw new NoSuchFileException("~" + whose, null, "no home of another account can be seen");
        }
        return home + path.substring(slash);
    }
}
