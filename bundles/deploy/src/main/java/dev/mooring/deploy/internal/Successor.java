package dev.mooring.deploy.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * A new revision of a protocol bundle, installed beside the running one. The running one serves until the new one has taken over all its servers. If it does not,
 * the new one is uninstalled.
 */
final class Successor {

    /**
     * Framework property: whether bundles are replaced like this. The location of the bundle changes, so a framework that installs bundles by location at its
     * next start, and keeps those of its last one, would have both.
     */
    private static final String ENABLED = "dev.mooring.deploy.beside";

    /** Service properties of dev.mooring.protocol, {@code ProtocolServer}. This bundle does not depend on it. */
    private static final String SERVER_BUNDLE = "server.bundle";

    private static final String SERVER_NAME = "server.name";
    private static final String SERVER_DRAINING = "server.draining";

    private static final Logger LOG = System.getLogger(Successor.class.getName());
    private static final long PATIENCE_SECONDS = 120;
    private static final long PAUSE_MILLIS = 50;

    private final BundleContext context;
    private final FrameworkWiring framework;

    Successor(BundleContext context, FrameworkWiring framework) {
        this.context = context;
        this.framework = framework;
    }

    /** Whether a bundle can be replaced like this: it has a server, and no other bundle uses its classes. */
    boolean isPossible(Bundle bundle) {
        return Boolean.parseBoolean(context.getProperty(ENABLED))
                && bundle.getState() == Bundle.ACTIVE
                && framework.getDependencyClosure(List.of(bundle)).size() == 1
                && !servers(bundle).isEmpty();
    }

    /** The names of the servers of a bundle that have not been stopped. */
    private Set<String> servers(Bundle bundle) {
        Set<String> names = new HashSet<>();
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(
                    null, "(&(" + SERVER_BUNDLE + "=" + bundle.getBundleId() + ")(!(" + SERVER_DRAINING + "=true)))");
            if (found != null) {
                for (ServiceReference<?> each : found) {
                    names.add(String.valueOf(each.getProperty(SERVER_NAME)));
                }
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
        return names;
    }

    /**
     * Replaces a bundle.
     *
     * @return the new bundle, with another location of the same jar
     * @throws BundleException if the new one cannot take over; the running one continues
     */
    Bundle replace(Bundle running) throws BundleException, InterruptedException {
        Set<String> before = servers(running);
        Bundle successor = context.installBundle(JarLocation.next(running.getLocation()));
        try {
            successor
                    .adapt(BundleStartLevel.class)
                    .setStartLevel(running.adapt(BundleStartLevel.class).getStartLevel());
            successor.start();
            awaitTakeover(running, successor);
        } catch (BundleException | InterruptedException | RuntimeException e) {
            uninstall(successor);
            if (!servers(running).containsAll(before)) {
                startAgain(running);
            }
            throw e;
        }
        try {
            running.stop(Bundle.STOP_TRANSIENT);
        } finally {
            uninstall(running);
        }
        return successor;
    }

    /** Starts a bundle again after the new one had taken over a server, which has ended with it. */
    private static void startAgain(Bundle running) throws BundleException {
        LOG.log(Level.WARNING, "{0} starts again, because the new one cannot continue", running.getSymbolicName());
        running.stop(Bundle.STOP_TRANSIENT);
        running.start(Bundle.START_TRANSIENT);
    }

    private void awaitTakeover(Bundle running, Bundle successor) throws BundleException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        Set<String> expected = servers(running); // a server may end meanwhile, because its configuration was removed
        for (; !servers(successor).containsAll(expected); expected = servers(running)) {
            if (successor.getState() != Bundle.ACTIVE) {
                throw new BundleException("it cannot serve, see the messages above");
            }
            // Components use the service of a share and those of the sockets.
            if (successor.getServicesInUse() == null) {
                throw new BundleException("none of its components has started");
            }
            if (System.nanoTime() > deadline) {
                throw new BundleException("it does not serve all of " + expected + " after " + PATIENCE_SECONDS + " s");
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }

    private void uninstall(Bundle bundle) {
        try {
            bundle.uninstall();
            framework.refreshBundles(List.of(bundle));
        } catch (BundleException | IllegalStateException e) {
            LOG.log(Level.WARNING, "{0} is not uninstalled: {1}", bundle.getLocation(), e.getMessage());
        }
    }
}
