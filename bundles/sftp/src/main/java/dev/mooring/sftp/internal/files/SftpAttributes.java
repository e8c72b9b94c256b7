package dev.mooring.sftp.internal.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.server.SftpSubsystem;
import org.apache.sshd.sftp.server.SftpSubsystemConfigurator;
import org.jspecify.annotations.Nullable;

/**
 * Attributes as clients read and set them. SSHD handles nine bits of a mode; this class handles all twelve, and the types of devices, pipes
 * and sockets.
 */
abstract class SftpAttributes extends SftpSubsystem {

    /** The key of the mode in maps of attributes, as in the {@code unix} view. In those that a client sets, it lacks the type. */
    private static final String MODE = "mode";

    private static final int MODE_BITS = 07777;

    private static final List<String> TIMES = List.of("lastModifiedTime", "lastAccessTime", "creationTime");

    /** The last time that version 3 can express. */
    private static final long MAX_SECONDS = 0xFFFFFFFFL;

    SftpAttributes(ChannelSession channel, SftpSubsystemConfigurator configurator) {
        super(channel, configurator);
    }

    @Override
    protected Map<String, Object> readAttrs(Buffer buffer) throws IOException {
        Integer mode = readMode(buffer);
        Map<String, Object> attributes = super.readAttrs(buffer);
        if (mode != null) {
            attributes.put(MODE, mode & MODE_BITS);
        }
        return attributes;
    }

    /** Reads the mode ahead, because SSHD only keeps the permissions. */
    private @Nullable Integer readMode(Buffer buffer) {
        int start = buffer.rpos();
        try {
            int flags = buffer.getInt();
            if ((flags & SftpConstants.SSH_FILEXFER_ATTR_PERMISSIONS) == 0) {
                return null;
            }
            int version = getVersion();
            if (version > SftpConstants.SFTP_V3) {
                buffer.getByte(); // the type
            }
            if ((flags & SftpConstants.SSH_FILEXFER_ATTR_SIZE) != 0) {
                buffer.getLong();
            }
            if (version == SftpConstants.SFTP_V3 && (flags & SftpConstants.SSH_FILEXFER_ATTR_UIDGID) != 0
                    || version == SftpConstants.SFTP_V6
                            && (flags & SftpConstants.SSH_FILEXFER_ATTR_ALLOCATION_SIZE) != 0) {
                buffer.getLong();
            }
            if (version > SftpConstants.SFTP_V3 && (flags & SftpConstants.SSH_FILEXFER_ATTR_OWNERGROUP) != 0) {
                buffer.getBytes();
                buffer.getBytes();
            }
            return buffer.getInt();
        } finally {
            buffer.rpos(start);
        }
    }

    /** The mode that a client requests for a new file or directory. The umask applies, as with open(2) and mkdir(2). */
    final FileAttribute<?>[] newMode(Map<String, ?> attributes) {
        return attributes.get(MODE) instanceof Integer mode
                        && fileSystem.supportedFileAttributeViews().contains("unix")
                ? new FileAttribute<?>[] {new NewMode(mode)}
                : new FileAttribute<?>[0];
    }

    private record NewMode(Integer value) implements FileAttribute<Integer> {
        @Override
        public String name() {
            return "unix:mode";
        }
    }

    /** Sets the mode last: it may forbid setting the others, and a new owner clears some of its bits. */
    @Override
    protected void setFileAttributes(Path file, Map<String, ?> attributes, LinkOption... options) throws IOException {
        Map<String, Object> others = new TreeMap<>(attributes);
        Object mode = others.remove(MODE);
        if (mode != null) {
            others.remove("permissions");
        }
        super.setFileAttributes(file, others, options);
        if (mode != null) {
            Files.setAttribute(file, "unix:mode", mode, options);
        }
    }

    /** Saves two system calls: SSHD checks first whether the path is a directory, then whether it exists. */
    @Override
    protected NavigableMap<String, Object> resolveFileAttributes(
            Path file, int flags, boolean neverFollow, LinkOption... options) throws IOException {
        return getAttributes(file, flags, options);
    }

    /**
     * In version 3 a time has 32 bits without a sign (draft-ietf-secsh-filexfer-02, section 5), which end in 2106. A time before 1970 or
     * after 2106 becomes the nearest one, so that an old file stays old for a client that compares times. SSHD by itself only writes times
     * that fit with a sign.
     */
    @Override
    protected void writeAttrs(Buffer buffer, Map<String, ?> attributes) {
        if (getVersion() != SftpConstants.SFTP_V3) {
            super.writeAttrs(buffer, attributes);
            return;
        }
        Map<String, Object> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.putAll(attributes);
        for (String each : TIMES) {
            if (all.get(each) instanceof FileTime time) {
                long seconds = Math.min(Math.max(0, time.to(TimeUnit.SECONDS)), MAX_SECONDS);
                all.put(each, FileTime.from((int) seconds, TimeUnit.SECONDS));
            }
        }
        int start = buffer.wpos();
        super.writeAttrs(buffer, all);
        if (all.get(MODE) instanceof Integer mode) {
            writeMode(buffer, start, mode);
        }
    }

    /** Overwrites the mode that SSHD made from the permissions. */
    private static void writeMode(Buffer buffer, int start, int mode) {
        long flags = buffer.rawUInt(start);
        if ((flags & SftpConstants.SSH_FILEXFER_ATTR_PERMISSIONS) != 0) {
            int end = buffer.wpos();
            buffer.wpos(start
                    + Integer.BYTES
                    + ((flags & SftpConstants.SSH_FILEXFER_ATTR_SIZE) != 0 ? Long.BYTES : 0)
                    + ((flags & SftpConstants.SSH_FILEXFER_ATTR_UIDGID) != 0 ? Long.BYTES : 0));
            buffer.putInt(mode);
            buffer.wpos(end);
        }
    }

    @Override
    protected String getLongName(Path file, String name, Map<String, ?> attributes) throws IOException {
        String line = super.getLongName(file, name, attributes);
        return attributes.get(MODE) instanceof Integer mode
                ? ModeText.of(mode) + line.substring(ModeText.LENGTH)
                : line;
    }
}
