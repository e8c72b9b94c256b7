package dev.mooring.protocol.internal;

import dev.mooring.protocol.UnservedServer;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/**
 * Reports problems that a framework does not report: a server that waits for a share, accounts or a socket, a configuration that no bundle reads, a
 * configuration file that cannot be read, and missing framework services. Logs a warning for each problem, and registers an {@link UnservedServer}
 * until it is solved.
 *
 * <p>Checks run some seconds after a start or a change. A problem is reported if two checks in a row find it, so that a start, a swap or
 * an edit of several files causes no false alarm. Instances are safe for use by several threads.
 */
final class ProblemWatch {

    private static final Logger LOG = System.getLogger("dev.mooring.protocol");
    private static final int PAUSE_SECONDS = 3;
    private static final String RUNTIME = "org.osgi.service.component.runtime.ServiceComponentRuntime";
    private static final String ADMIN = "org.osgi.service.cm.ConfigurationAdmin";

    private final BundleContext context;
    private final Executor later = CompletableFuture.delayedExecutor(PAUSE_SECONDS, TimeUnit.SECONDS);
    private final AtomicBoolean scheduled = new AtomicBoolean();

    // Guarded by this.
    private final Map<String, Report> reported = new HashMap<>();
    private Map<String, ServerProblem> before = Map.of();
    private boolean closed;

    /** A reported problem and its service. */
    private record Report(ServerProblem problem, ServerRegistration service) {}

    ProblemWatch(BundleContext context) {
        this.context = context;
    }

    /** Starts checking. */
    void open() throws InvalidSyntaxException {
        // The service of Declarative Services changes its property service.changecount when a component changes
        // (112.5.1).
        context.addServiceListener(event -> schedule(), "(|(objectClass=" + RUNTIME + ")(objectClass=" + ADMIN + "))");
        try {
            UnreadConfigurations.listen(context, this::schedule);
        } catch (NoClassDefFoundError noConfigurationAdmin) {
            LOG.log(Level.DEBUG, "No configuration can change", noConfigurationAdmin);
        }
        schedule();
    }

    /** Stops checking. The framework unregisters the services when the bundle stops. */
    synchronized void close() {
        closed = true;
    }

    private void schedule() {
        if (!scheduled.getAndSet(true)) {
            later.execute(() -> {
                scheduled.set(false);
                look();
            });
        }
    }

    /** Looks for problems once. While the framework stops, it stops bundles that configurations need, so this looks for nothing. */
    synchronized void look() {
        if (closed) {
            return;
        }
        Map<String, ServerProblem> now;
        try {
            if (context.getBundle(Constants.SYSTEM_BUNDLE_ID).getState() == Bundle.STOPPING) {
                return;
            }
            now = problems();
        } catch (IOException | InvalidSyntaxException | IllegalStateException e) {
            LOG.log(Level.DEBUG, "The framework is stopping, or a service was unregistered", e);
            return;
        } catch (RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "Configurations were not checked for problems; the next change checks them again",
                    e);
            return;
        }
        reported.values().removeIf(each -> {
            boolean over = !each.problem().equals(now.get(each.problem().pid()));
            if (over) {
                each.service().end();
            }
            return over;
        });
        now.forEach((pid, problem) -> {
            if (problem.equals(before.get(pid)) && !reported.containsKey(pid)) {
                LOG.log(Level.WARNING, problem.text());
                reported.put(pid, new Report(problem, register(problem)));
            }
        });
        if (!now.equals(before)) {
            before = now;
            schedule();
        }
    }

    private ServerRegistration register(ServerProblem problem) {
        return ServerRegistration.of(context, UnservedServer.ofConfiguration(problem.pid(), problem.problem()), null);
    }

    private Map<String, ServerProblem> problems() throws IOException, InvalidSyntaxException {
        Map<String, ServerProblem> problems = new TreeMap<>();
        ServiceReference<?> runtime = context.getServiceReference(RUNTIME);
        ServiceReference<?> admin = context.getServiceReference(ADMIN);
        if (runtime == null) {
            return missing("Declarative Services", "org.apache.felix.scr");
        }
        if (admin == null) {
            return missing(
                    "a Configuration Admin",
                    "org.apache.felix.configadmin, and org.apache.felix.fileinstall for .cfg files");
        }
        try {
            WaitingComponents components =
                    new WaitingComponents(context, (ServiceComponentRuntime) context.getService(runtime));
            problems.putAll(UnreadableFiles.problems(context));
            problems.putAll(components.problems());
            problems.putAll(new UnreadConfigurations(context, (ConfigurationAdmin) context.getService(admin))
                    .problems(components.pids()));
        } catch (NoClassDefFoundError other) {
            LOG.log(Level.DEBUG, "These services use another copy of their API than this bundle", other);
        } finally {
            context.ungetService(runtime);
            context.ungetService(admin);
        }
        return problems;
    }

    private static Map<String, ServerProblem> missing(String what, String remedy) {
        return Map.of(
                ServerProblem.ALL,
                new ServerProblem(
                        ServerProblem.ALL,
                        "cannot start a server without " + what,
                        "No server can start, because this framework has no active bundle with " + what
                                + ". Install and start " + remedy));
    }
}
