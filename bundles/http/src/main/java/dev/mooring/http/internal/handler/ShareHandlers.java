package dev.mooring.http.internal.handler;

import dev.mooring.accounts.Account;
import dev.mooring.common.ClientText;
import dev.mooring.protocol.ServedShares;
import dev.mooring.share.Share;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The handlers, one for each share, made on first use. Each has its own cache. */
public final class ShareHandlers {

    private static final Logger LOG = System.getLogger(ShareHandlers.class.getName());

    private final String name;
    private final ServedShares shares;
    private final Function<Share, ShareHandler> maker;
    private final ShareHandler own;
    private final Map<String, ShareHandler> others = new ConcurrentHashMap<>();
    private final Set<String> missing = ConcurrentHashMap.newKeySet();

    /**
     * Makes the handler of the server's share.
     *
     * @param name the name of the server in the log
     * @param shares the shares
     * @param maker makes the handler of a share
     */
    public ShareHandlers(String name, ServedShares shares, Function<Share, ShareHandler> maker) {
        this.name = name;
        this.shares = shares;
        this.maker = maker;
        this.own = maker.apply(shares.own());
    }

    /** The handler of the server's share. */
    public ShareHandler own() {
        return own;
    }

    /** The handler of an account's share; {@code null} if it names a share that does not exist, which is logged once. */
    @Nullable
    ShareHandler of(Account account) {
        Share share = shares.of(account).orElse(null);
        if (share == own.share()) {
            return own;
        }
        String wanted = String.valueOf(account.share());
        if (share == null) {
            others.remove(wanted);
            if (missing.add(wanted)) {
                LOG.log(
                        Level.ERROR,
                        "{0} cannot serve account ''{1}'', because share ''{2}'' does not exist; configure it in"
                                + " dev.mooring.share-{2}.cfg, or set share= of the account to an existing share",
                        name,
                        ClientText.of(account.name()),
                        wanted);
            }
            return null;
        }
        missing.remove(wanted);
        ShareHandler handler = others.get(wanted);
        return handler != null && handler.share() == share
                ? handler
                : others.compute(
                        wanted, (key, other) -> other != null && other.share() == share ? other : maker.apply(share));
    }
}
