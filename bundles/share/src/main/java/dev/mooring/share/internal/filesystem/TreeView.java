package dev.mooring.share.internal.filesystem;

import dev.mooring.share.internal.directory.NewMode;
import dev.mooring.share.internal.lookup.Place;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and sets the attributes of a path. */
final class TreeView implements PosixFileAttributeView {

    private static final int OWNER_READS = 0400;

    private final String name;
    private final TreePath file;
    private final boolean follow;

    TreeView(String name, TreePath file, boolean follow) {
        this.name = name;
        this.file = file;
        this.follow = follow;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PosixFileAttributes readAttributes() throws IOException {
        return file.getFileSystem().posix(file, follow);
    }

    @Override
    public UserPrincipal getOwner() throws IOException {
        return readAttributes().owner();
    }

    /** Sets an attribute by its name of {@link Files#setAttribute}. */
    void set(String attribute, @Nullable Object value) throws IOException {
        String view = attribute.contains(":") ? attribute.substring(0, attribute.indexOf(':')) : "basic";
        if (!file.getFileSystem().supportedFileAttributeViews().contains(view)) {
            throw new UnsupportedOperationException("A share has no view '" + view + "'");
        }
        String key = attribute.substring(attribute.indexOf(':') + 1);
        switch (key) {
            case "lastModifiedTime" -> setTimes((FileTime) value, null, null);
            case "lastAccessTime" -> setTimes(null, (FileTime) value, null);
            case "creationTime" -> setTimes(null, null, (FileTime) value);
            case "permissions" -> {
                @SuppressWarnings("unchecked")
                Set<PosixFilePermission> permissions = (Set<PosixFilePermission>) value;
                setPermissions(permissions);
            }
            case "owner" -> setOwner((UserPrincipal) value);
            case "group" -> setGroup((GroupPrincipal) value);
            case "uid", "gid" -> change(place -> set(place, "unix:" + key, value));
            case "mode" -> change(place -> set(requireSettable(place), "unix:mode", value));
            default -> throw new UnsupportedOperationException("'" + attribute + "' cannot be set in a share");
        }
    }

    private static Place set(Place place, String attribute, @Nullable Object value) throws IOException {
        place.parent().set(place.name(), attribute, value);
        return place;
    }

    @Override
    public void setTimes(@Nullable FileTime modified, @Nullable FileTime accessed, @Nullable FileTime created)
            throws IOException {
        change(place -> {
            BasicFileAttributeView view =
                    requireSettable(place).parent().view(place.name(), BasicFileAttributeView.class);
            if (view == null || modified == null && accessed == null) {
                return place;
            }
            try {
                view.setTimes(modified, accessed, created);
            } catch (FileSystemException e) {
                setTimesOfUnreadable(place, () -> view.setTimes(modified, accessed, created), e);
            }
            return place;
        });
    }

    @FunctionalInterface
    private interface Step {
        void take() throws IOException;
    }

    /** Sets the times of an unreadable file. The JDK opens the file for that, so the owner briefly gets the right to read. */
    private static void setTimesOfUnreadable(Place place, Step step, FileSystemException denied) throws IOException {
        int mode = mode(place);
        if ((mode & OWNER_READS) != 0) {
            throw denied;
        }
        set(place, "unix:mode", mode | OWNER_READS);
        try {
            step.take();
        } finally {
            set(place, "unix:mode", mode);
        }
    }

    /** A directory keeps its setuid, setgid and sticky bits. */
    @Override
    public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
        change(place -> {
            requireSettable(place);
            if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
                TreeFileSystem.posix(place.parent(), place.name()).setPermissions(permissions);
                return place;
            }
            int kept = place.readAttributes().isDirectory() ? mode(place) & NewMode.SPECIAL : 0;
            return set(place, "unix:mode", kept | NewMode.bits(permissions));
        });
    }

    private static int mode(Place place) throws IOException {
        return (Integer) place.parent().attributes(place.name(), "unix:mode").get("mode") & 07777;
    }

    @Override
    public void setOwner(UserPrincipal owner) throws IOException {
        change(place -> set(place, "posix:owner", owner));
    }

    @Override
    public void setGroup(GroupPrincipal group) throws IOException {
        change(place -> set(place, "posix:group", group));
    }

    private void change(TreeFileSystem.Action<?> action) throws IOException {
        file.getFileSystem().checkWritable(file);
        file.getFileSystem().visit(file, follow, action);
    }

    /** Checks that times and permissions can be set. The JDK opens the file for that: a pipe would block, and a link cannot be opened. */
    private static Place requireSettable(Place place) throws IOException {
        BasicFileAttributes attributes = place.readAttributes();
        if (attributes.isSymbolicLink()) {
            throw new UnsupportedOperationException("The times and permissions of a link cannot be set");
        }
        if (attributes.isOther()) {
            throw new FileSystemException(place.path().toString(), null, "is neither a file nor a directory");
        }
        return place;
    }
}
