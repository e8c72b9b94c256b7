package dev.mooring.ftp.internal.session;

import dev.mooring.ftp.internal.files.Fact;
import dev.mooring.ftp.internal.files.HashAlgorithm;
import dev.mooring.ftp.internal.files.Login;
import dev.mooring.share.SharePath;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a client has set since it connected. {@code REIN} discards it (RFC 959 section 4.1.1). Only the owner of the session uses it.
 */
public final class SessionState {

    /** The name of the last {@code USER}, until {@code PASS}. */
    @Nullable
    public String user;

    @Nullable
    Login login;

    /** The start of the next transfer, in bytes from the beginning of the file. */
    public long offset;

    @Nullable
    public SharePath renameFrom;

    /** The path of the command for the access log, if it differs from the argument. */
    @Nullable
    public SharePath loggedPath;

    public boolean extendedPassiveOnly;
    public Set<Fact> facts = EnumSet.allOf(Fact.class);
    public HashAlgorithm hash = HashAlgorithm.SHA_256;

    /** Returns the offset and resets it to 0. */
    public long takeOffset() {
        long taken = offset;
        offset = 0;
        return taken;
    }
}
