package dev.mooring.deploy.internal;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.bundle.Header;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;

/** Runs a {@link JarWatch} five times a second. */
@Header(name = Constants.BUNDLE_ACTIVATOR, value = "${@class}")
public final class Activator implements BundleActivator {

    private static final long PAUSE_MILLIS = 200;

    private @Nullable ScheduledExecutorService thread;

    @Override
    public void start(BundleContext context) {
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread looking = new Thread(task, "deploy");
            looking.setDaemon(true);
            return looking;
        });
        JarWatch watch = new JarWatch(context);
        watch.look();
        thread.scheduleWithFixedDelay(watch::look, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop(BundleContext context) {
        if (thread != null) {
            thread.shutdown();
        }
    }
}
