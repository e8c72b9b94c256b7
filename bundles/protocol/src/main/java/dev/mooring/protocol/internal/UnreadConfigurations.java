package dev.mooring.protocol.internal;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.cm.ManagedService;
import org.osgi.service.cm.ManagedServiceFactory;

/** Finds configurations of Mooring that no active bundle reads. Usually their PID is misspelt. */
final class UnreadConfigurations {

    private static final String OURS = "mooring.";

    /** The activation bundle reads its configuration only in a process without inherited sockets. */
    private static final String ACTIVATION = "dev.mooring.activation";

    private final BundleContext context;
    private final ConfigurationAdmin admin;

    UnreadConfigurations(BundleContext context, ConfigurationAdmin admin) {
        this.context = context;
        this.admin = admin;
    }

    /** Calls back when a configuration of Mooring has changed. */
    static void listen(BundleContext context, Runnable changed) {
        ConfigurationListener listener = event -> {
            if (kind(event.getPid(), event.getFactoryPid()).contains(OURS)) {
                changed.run();
            }
        };
        context.registerService(ConfigurationListener.class, listener, null);
    }

    /** The PID under which a bundle reads a configuration: the factory PID if there is one. */
    private static String kind(String pid, @Nullable String factoryPid) {
        return factoryPid == null ? pid : factoryPid;
    }

    /**
     * The current problems, by PID.
     *
     * @param components the configuration PIDs of all components
     */
    Map<String, ServerProblem> problems(Set<String> components) throws IOException, InvalidSyntaxException {
        Set<String> known = new HashSet<>(components);
        known.add(ACTIVATION);
        for (Class<?> type : new Class<?>[] {ManagedService.class, ManagedServiceFactory.class}) {
            ServiceReference<?>[] services = context.getAllServiceReferences(type.getName(), null);
            for (ServiceReference<?> each : services == null ? new ServiceReference<?>[0] : services) {
                known.addAll(texts(each.getProperty(Constants.SERVICE_PID)));
            }
        }
        Map<String, ServerProblem> problems = new TreeMap<>();
        Configuration[] found = admin.listConfigurations("(" + Constants.SERVICE_PID + "=*" + OURS + "*)");
        List<Configuration> all = found == null ? List.of() : List.of(found);
        Set<String> factories = new HashSet<>();
        for (Configuration each : all) {
            factories.add(each.getFactoryPid());
        }
        for (Configuration each : all) {
            String factory = kind(each.getPid(), each.getFactoryPid());
            if (!known.contains(factory)) {
                problems.put(each.getPid(), unknown(each, factory, known));
            } else if (factories.contains(each.getPid())) {
                problems.put(each.getPid(), nameless(each));
            }
        }
        return problems;
    }

    /** Declarative Services use a configuration without a name only while there is none with a name (OSGi Compendium, 112.7). */
    private static ServerProblem nameless(Configuration unread) {
        return new ServerProblem(
                unread.getPid(),
                "has no name beside others that have one",
                file(unread) + " is not used, because there are files with a name beside it. Rename it to "
                        + unread.getPid() + "-NAME.cfg, or remove it");
    }

    private static String file(Configuration unread) {
        Object file = unread.getProperties().get("felix.fileinstall.filename");
        return file == null
                ? unread.getPid()
                : file.toString().substring(file.toString().lastIndexOf('/') + 1);
    }

    private static ServerProblem unknown(Configuration unread, String factory, Set<String> known) {
        Set<String> ours = new TreeSet<>(known);
        ours.removeIf(pid -> !pid.contains(OURS));
        return new ServerProblem(
                unread.getPid(),
                "is read by no bundle",
                file(unread) + " is not used: no active bundle reads a configuration of " + factory + ", only of "
                        + String.join(", ", ours) + ". Correct the name, or install and start the bundle " + factory);
    }

    /** The PIDs of a service, which may have one or several (OSGi Core, 5.2.5). */
    private static Collection<String> texts(Object pid) {
        Collection<?> pids = pid instanceof Object[] array
                ? Arrays.asList(array)
                : pid instanceof Collection<?> collection ? collection : Set.of(String.valueOf(pid));
        Set<String> texts = new HashSet<>();
        pids.forEach(each -> texts.add(each.toString()));
        return texts;
    }
}
