package dev.mooring.share.internal.directory;

import static java.nio.file.attribute.PosixFilePermission.values;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * The attribute {@code unix:mode} for new files and directories. The JDK creates them only with permissions; the special bits are set afterwards.
 */
public final class NewMode {

    /** Set-user-ID, set-group-ID and sticky. */
    public static final int SPECIAL = 07000;

    /** The only special bit that mkdir(2) accepts. */
    public static final int STICKY = 01000;

    private static final String NAME = "unix:mode";

    private NewMode() {}

    /** Converts the attributes to those that the JDK accepts. */
    public static FileAttribute<?>[] permissions(FileAttribute<?>... attributes) {
        return Arrays.stream(attributes)
                .map(each -> each.name().equals(NAME)
                        ? PosixFilePermissions.asFileAttribute(permissions((Integer) each.value()))
                        : each)
                .toArray(FileAttribute<?>[]::new);
    }

    /** The special bits; 0 if there are none. */
    public static int special(FileAttribute<?>... attributes) {
        for (FileAttribute<?> each : attributes) {
            if (each.name().equals(NAME)) {
                return (Integer) each.value() & SPECIAL;
            }
        }
        return 0;
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission each : values()) {
            if ((mode & 0400 >> each.ordinal()) != 0) {
                permissions.add(each);
            }
        }
        return permissions;
    }

    /** The nine permission bits. */
    public static int bits(Set<PosixFilePermission> permissions) {
        int bits = 0;
        for (PosixFilePermission each : permissions) {
            bits |= 0400 >> each.ordinal();
        }
        return bits;
    }
}
