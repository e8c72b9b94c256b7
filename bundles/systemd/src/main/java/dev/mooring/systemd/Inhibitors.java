package dev.mooring.systemd;

import dev.mooring.activation.IdleInhibitor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Asks whoever may keep the process from ending. Instances are safe for use by several threads. */
public final class Inhibitors {

    private static final Logger LOG = System.getLogger("dev.mooring.systemd");

    private final Set<String> failed = ConcurrentHashMap.newKeySet();

    /** Makes one that has asked nobody yet. */
    public Inhibitors() {
        // The field is all.
    }

    /**
     * Asks until one is busy. One that fails is taken for busy, and named in the log once.
     *
     * @param all whom to ask
     * @return whether one is busy
     */
    public boolean anyBusy(Iterable<? extends IdleInhibitor> all) {
        for (IdleInhibitor each : all) {
            try {
                if (each.isBusy()) {
                    return true;
                }
            } catch (RuntimeException e) {
                String name = each.getClass().getName();
                if (failed.add(name)) {
                    LOG.log(Level.ERROR, "The process does not end when it is idle, because " + name + " fails", e);
                }
                return true;
            }
        }
        return false;
    }
}
