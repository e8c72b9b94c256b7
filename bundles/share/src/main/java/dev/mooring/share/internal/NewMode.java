package dev.mooring.share.internal;

import static java.nio.file.attribute.PosixFilePermission.values;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * The attribute {@code unix:mode} for something new. The JDK makes files and directories with permissions; the bits besides
 * are set when they are there.
 */
final class NewMode {

    /** Set-user-ID, set-group-ID and sticky. */
    static final int SPECIAL = 07000;

    /** The one of them that mkdir(2) takes. */
    static final int STICKY = 01000;

    private static final String NAME = "unix:mode";

    private NewMode() {}

    /** The same attributes as the JDK takes them. */
    static FileAttribute<?>[] permissions(FileAttribute<?>... attributes) {
        return Arrays.stream(attributes)
                .map(each -> each.name().equals(NAME)
                        ? PosixFilePermissions.asFileAttribute(permissions((Integer) each.value()))
                        : each)
                .toArray(FileAttribute<?>[]::new);
    }

    /** The bits besides, 0 if there are none. */
    static int special(FileAttribute<?>... attributes) {
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

    /** The nine bits of a mode. */
    static int bits(Set<PosixFilePermission> permissions) {
        int bits = 0;
        for (PosixFilePermission each : permissions) {
            bits |= 0400 >> each.ordinal();
        }
        return bits;
    }
}
