package dev.mooring.ftp.internal;

import dev.mooring.share.SharePath;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a client has set since it connected. {@code REIN} discards it (RFC 959 section 4.1.1). Only the owner of the session uses it.
 */
final class SessionState {

    /** The name of the last {@code USER}, until {@code PASS}. */
    @Nullable
    String user;

    @Nullable
    Login login;

    /** The start of the next transfer, in bytes from the beginning of the file. */
    long offset;

    @Nullable
    SharePath renameFrom;

    /** The path of the command for the access log, if it differs from the argument. */
    @Nullable
    SharePath named;

    boolean extendedPassiveOnly;
    Set<Fact> facts = EnumSet.allOf(Fact.class);
    HashAlgorithm hash = HashAlgorithm.SHA_256;

    /** Returns the offset and resets it to 0. */
    long takeOffset() {
        long taken = offset;
        offset = 0;
        return taken;
    }
}
