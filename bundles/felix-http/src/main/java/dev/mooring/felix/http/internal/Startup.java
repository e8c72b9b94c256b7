package dev.mooring.felix.http.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;

/**
 * Calls back once when the framework has started the other bundles: at its own start, and when several bundles are replaced. A bundle that cannot be
 * started delays the call for some seconds. Instances are safe for use by several threads.
 */
final class Startup implements BundleListener, FrameworkListener {

    private static final Logger LOG = System.getLogger(Activator.PID);

    /** After this time without an event, the missing bundles are not expected any more. */
    private static final int PATIENCE_SECONDS = 5;

    private final BundleContext context;
    private final Runnable done;
    private final Executor later = CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    private final AtomicInteger events = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    Startup(BundleContext context, Runnable done) {
        this.context = context;
        this.done = done;
    }

    /** Begins to wait. Calls back at once if nothing is to be started. */
    void begin() {
        context.addBundleListener(this);
        context.addFrameworkListener(this);
        look();
        lookLater();
    }

    /** Does not call back any more. */
    void cancel() {
        over.set(true);
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        events.incrementAndGet();
        look();
    }

    @Override
    public void frameworkEvent(FrameworkEvent event) {
        if (event.getType() == FrameworkEvent.STARTED || event.getType() == FrameworkEvent.STARTLEVEL_CHANGED) {
            finish();
        }
    }

    private void look() {
        if (!over.get() && !isStarting()) {
            finish();
        }
    }

    private void lookLater() {
        int seen = events.get();
        later.execute(() -> {
            if (!over.get()) {
                if (events.get() == seen && framework().getState() == Bundle.ACTIVE) {
                    finish();
                } else {
                    lookLater();
                }
            }
        });
    }

    private Bundle framework() {
        return Objects.requireNonNull(context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION));
    }

    private boolean isStarting() {
        return framework().getState() != Bundle.ACTIVE
                || Stream.of(context.getBundles()).anyMatch(each -> each != context.getBundle() && isToBeStarted(each));
    }

    /** A bundle with lazy activation, and a fragment, may never become active. */
    private static boolean isToBeStarted(Bundle bundle) {
        if ((bundle.getState() & (Bundle.INSTALLED | Bundle.RESOLVED | Bundle.STARTING)) == 0) {
            return false;
        }
        BundleStartLevel start = bundle.adapt(BundleStartLevel.class);
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return start != null
                && start.isPersistentlyStarted()
                && !start.isActivationPolicyUsed()
                && revision != null
                && (revision.getTypes() & BundleRevision.TYPE_FRAGMENT) == 0;
    }

    private void finish() {
        if (over.compareAndSet(false, true)) {
            try {
                context.removeBundleListener(this);
                context.removeFrameworkListener(this);
                done.run();
            } catch (IllegalStateException e) {
                LOG.log(Level.DEBUG, "This bundle was stopped meanwhile", e);
            }
        }
    }
}
