package dev.mooring.sftp.internal;

import dev.mooring.share.Account;
import dev.mooring.share.Share;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The shares that accounts can see: the one of the server, and those that an account may name. */
public final class ServedShares {

    private final Share own;
    private final List<Share> others = new CopyOnWriteArrayList<>();

    ServedShares(Share own) {
        this.own = own;
    }

    /** Adds one that an account may name. */
    public void add(Share share) {
        others.add(share);
    }

    /** Removes one that was added. */
    public void remove(Share share) {
        others.remove(share);
    }

    /** What an account sees, empty if it names a share that is not here. */
    Optional<Share> of(Account account) {
        String name = account.share();
        if (name == null || name.equals(own.name())) {
            return Optional.of(own);
        }
        return others.stream().filter(share -> share.name().equals(name)).findFirst();
    }
}
