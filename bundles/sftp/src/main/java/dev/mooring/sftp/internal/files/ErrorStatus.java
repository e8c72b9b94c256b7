package dev.mooring.sftp.internal.files;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpHelper;
import org.apache.sshd.sftp.server.SftpErrorStatusDataHandler;
import org.apache.sshd.sftp.server.SftpSubsystemEnvironment;
import org.jspecify.annotations.Nullable;

/** The status and message of a failed request. Version 3 only has the statuses up to 8. */
public final class ErrorStatus implements SftpErrorStatusDataHandler {

    /** As strerror(3) reports it; the JDK passes that on. */
    private static final String FULL = "No space left on device";

    private static final String OVER_QUOTA = "Disk quota exceeded";

    @Override
    public int resolveSubStatus(
            SftpSubsystemEnvironment channel, int id, Throwable failure, int command, Object... arguments) {
        int status = status(failure);
        int version = channel.getVersion();
        if (version > SftpConstants.SFTP_V4) {
            return status;
        }
        if (status == SftpConstants.SSH_FX_NOT_A_DIRECTORY) {
            return SftpConstants.SSH_FX_NO_SUCH_FILE; // as OpenSSH
        }
        int last = version == SftpConstants.SFTP_V3
                ? SftpConstants.SSH_FX_OP_UNSUPPORTED
                : SftpConstants.SSH_FX_NO_SPACE_ON_FILESYSTEM - 1;
        return status <= last ? status : SftpConstants.SSH_FX_FAILURE;
    }

    @Override
    public String resolveErrorMessage(
            SftpSubsystemEnvironment channel, int id, Throwable failure, int status, int command, Object... arguments) {
        String message = SftpHelper.resolveStatusMessage(status(failure));
        String reason = reason(failure);
        return reason == null ? message : message + ": " + reason;
    }

    private static int status(Throwable failure) {
        String reason = String.valueOf(reason(failure));
        return reason.equals(FULL)
                ? SftpConstants.SSH_FX_NO_SPACE_ON_FILESYSTEM
                : reason.equals(OVER_QUOTA)
                        ? SftpConstants.SSH_FX_QUOTA_EXCEEDED
                        : SftpHelper.resolveSubstatus(failure);
    }

    /** The remedy for a failure, as the end of a log message; empty if unknown. */
    public static String remedy(Throwable failure) {
        return switch (String.valueOf(reason(failure))) {
            case FULL -> "; make room";
            case OVER_QUOTA -> "; make room, or raise the quota";
            default -> "";
        };
    }

    /** The reason of a failure; {@code null} if unknown. Exceptions of file channels have only a message, the text of errno. */
    public static @Nullable String reason(Throwable failure) {
        return failure instanceof FileSystemException e
                ? e.getReason()
                : failure.getClass() == IOException.class || failure instanceof NotUtf8Exception
                        ? failure.getMessage()
                        : null;
    }
}
