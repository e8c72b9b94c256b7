package dev.mooring.ftp.internal;

import dev.mooring.share.SharePath;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client has set since it connected, all of which {@code REIN} forgets (RFC 959 section 4.1.1). Touched by the owner of its
 * session alone.
 */
final class SessionState {

    /** The name of the last {@code USER}, until {@code PASS}. */
    @Nullable
    String user;

    @Nullable
    Login login;

    /** Where the next transfer starts, in bytes from the beginning of the file. */
    long offset;

    @Nullable
    SharePath renameFrom;

    /** The path that the command is about, if it is not its argument alone: for the access log. */
    @Nullable
    SharePath named;

    boolean extendedPassiveOnly;
    Set<Fact> facts = EnumSet.allOf(Fact.class);
    String hash = HashCommands.DEFAULT;

    /** Where the transfer that begins now starts; the next one starts at 0 again. */
    long takeOffset() {
        long taken = offset;
        offset = 0;
        return taken;
    }
}
