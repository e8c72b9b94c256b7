package dev.mooring.ftp.internal.session;

import dev.mooring.ftp.internal.files.Fact;
import dev.mooring.ftp.internal.files.HashAlgorithm;
import dev.mooring.ftp.internal.files.Login;
import dev.mooring.share.SharePath;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one client since it connected. {@code REIN} discards them (RFC 959 section 4.1.1). Only the owner of the {@link CommandQueue} uses them.
 */
public final class SessionState {

    /** The name of the last {@code USER}, until {@code PASS}. */
    @Nullable
    public String user;

    /** {@code null} before the login. */
    @Nullable
    Login login;

    /** The start of the next transfer, in bytes from the beginning of the file. */
    public long offset;

    /** The path of the last {@code RNFR}, until the next command. */
    @Nullable
    public SharePath renameFrom;

    /** The path of the command for the access log, if it differs from the argument. */
    @Nullable
    public SharePath loggedPath;

    /** Whether the client has sent {@code EPSV ALL} (RFC 2428 section 4). */
    public boolean extendedPassiveOnly;

    /** The facts that MLST and MLSD list. */
    public Set<Fact> facts = EnumSet.allOf(Fact.class);

    /** The algorithm of HASH. */
    public HashAlgorithm hash = HashAlgorithm.SHA_256;

    /** Returns the offset and resets it to 0. */
    public long takeOffset() {
        long taken = offset;
        offset = 0;
        return taken;
    }
}
