package dev.mooring.systemd;

import dev.mooring.activation.IdleInhibitor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Asks the services that may prevent the idle exit. Instances are safe for use by several threads. */
public final class Inhibitors {

    private static final Logger LOG = System.getLogger("dev.mooring.systemd");

    private final Set<String> failed = ConcurrentHashMap.newKeySet();

    /** Makes an instance. */
    public Inhibitors() {
        // Nothing to initialise.
    }

    /**
     * Asks until one is busy. A service that throws counts as busy; the log names it once.
     *
     * @param all the services
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
