package dev.mooring.protocol.internal;

import dev.mooring.accounts.Accounts;
import dev.mooring.activation.NamedSocket;
import dev.mooring.share.Share;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/**
 * Finds the components of any bundle that wait for a socket, a share or accounts that do not exist. Declarative Services do not report
 * them: an unsatisfied component is not an error (OSGi Compendium, 112.5.1).
 */
final class WaitingComponents {

    private static final String FACTORY_PID = "service.factoryPid";

    /** The services that a component can wait for. */
    private enum Wanted {
        SOCKET(NamedSocket.class, NamedSocket.SOCKET_NAME, "a socket", "Set FileDescriptorName= in the .socket unit"),
        SHARE(Share.class, Share.SHARE_NAME, "a share", "Configure dev.mooring.share-NAME.cfg"),
        ACCOUNTS(Accounts.class, Accounts.ACCOUNTS_NAME, "accounts", "Configure dev.mooring.accounts-NAME.cfg");

        private final Class<?> service;
        private final String nameKey;
        private final String words;
        private final String remedy;

        Wanted(Class<?> service, String nameKey, String words, String remedy) {
            this.service = service;
            this.nameKey = nameKey;
            this.words = words;
            this.remedy = remedy;
        }

        static @Nullable Wanted by(ReferenceDTO reference) {
            for (Wanted wanted : values()) {
                if (wanted.service.getName().equals(reference.interfaceName)) {
                    return wanted;
                }
            }
            return null;
        }
    }

    private final BundleContext context;
    private final ServiceComponentRuntime runtime;
    private final Collection<ComponentDescriptionDTO> components;

    WaitingComponents(BundleContext context, ServiceComponentRuntime runtime) {
        this.context = context;
        this.runtime = runtime;
        components = runtime.getComponentDescriptionDTOs();
    }

    /** The PIDs of all components. */
    Set<String> pids() {
        Set<String> pids = new HashSet<>();
        for (ComponentDescriptionDTO component : components) {
            pids.addAll(List.of(component.configurationPid));
        }
        return pids;
    }

    /** The current problems, by the name of the component or its configuration. */
    Map<String, ServerProblem> problems() {
        Map<String, ServerProblem> problems = new TreeMap<>();
        Set<String> protocols = new TreeSet<>();
        boolean configured = false;
        for (ComponentDescriptionDTO component : components) {
            Map<String, Wanted> references = new HashMap<>();
            for (ReferenceDTO reference : component.references) {
                Wanted wanted = Wanted.by(reference);
                if (wanted != null) {
                    references.put(reference.name, wanted);
                }
            }
            if (references.isEmpty()) {
                continue;
            }
            boolean serves = references.containsValue(Wanted.SHARE);
            if (serves) {
                protocols.addAll(List.of(component.configurationPid));
            }
            for (ComponentConfigurationDTO configuration : runtime.getComponentConfigurationDTOs(component)) {
                configured |= serves && configuration.state != ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION;
                if (configuration.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
                    ServerProblem problem = waiting(component, configuration, references);
                    if (problem != null) {
                        problems.put(problem.pid(), problem);
                    }
                }
            }
        }
        addDuplicates(problems, Wanted.SHARE, "shares", Share.PID);
        addDuplicates(problems, Wanted.ACCOUNTS, "accounts", Accounts.PID);
        if (!configured && !protocols.isEmpty()) {
            problems.put(ServerProblem.ALL, noServer(protocols));
        }
        return problems;
    }

    private @Nullable ServerProblem waiting(
            ComponentDescriptionDTO component,
            ComponentConfigurationDTO configuration,
            Map<String, Wanted> references) {
        String pid = pid(component, configuration);
        List<String> missing = new ArrayList<>();
        List<String> remedies = new ArrayList<>();
        for (UnsatisfiedReferenceDTO reference : configuration.unsatisfiedReferences) {
            Wanted wanted = references.get(reference.name);
            if (wanted != null) {
                missing.add(wanted.words + filter(reference, configuration));
                remedies.add("the names that there are: " + names(wanted) + ". " + wanted.remedy + ", or correct "
                        + reference.name + ".target");
            }
        }
        if (missing.isEmpty()) {
            return null;
        }
        String bundle = configuration.properties.containsKey(FACTORY_PID) ? "" : " of " + component.bundle.symbolicName;
        String problem = "waits for " + String.join(" and ", missing);
        return new ServerProblem(
                pid,
                problem,
                pid + bundle + " serves nobody: it " + problem + "; " + String.join("; ", remedies)
                        + ". Until then connections wait in the queue of the socket");
    }

    /** The filter as configured. Felix replaces an invalid filter with one that matches nothing. */
    private static String filter(UnsatisfiedReferenceDTO reference, ComponentConfigurationDTO configuration) {
        Object written = configuration.properties.get(reference.name + ".target");
        if (reference.target == null) {
            return "";
        }
        return written == null || written.equals(reference.target)
                ? " by the filter " + reference.target
                : " by the filter " + written + ", which is not valid";
    }

    private static String pid(ComponentDescriptionDTO component, ComponentConfigurationDTO configuration) {
        return configuration.properties.containsKey(FACTORY_PID)
                ? String.valueOf(configuration.properties.get(Constants.SERVICE_PID))
                : component.name;
    }

    private Set<String> names(Wanted wanted) {
        Set<String> names = new TreeSet<>();
        for (ServiceReference<?> each : references(wanted)) {
            names.add(String.valueOf(each.getProperty(wanted.nameKey)));
        }
        return names;
    }

    private List<ServiceReference<?>> references(Wanted wanted) {
        try {
            ServiceReference<?>[] all = context.getAllServiceReferences(wanted.service.getName(), null);
            return all == null ? List.of() : List.of(all);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Finds names that exist twice: servers use the first service and ignore the others. */
    private void addDuplicates(Map<String, ServerProblem> problems, Wanted wanted, String words, String factoryPid) {
        Map<String, Integer> counts = new TreeMap<>();
        for (ServiceReference<?> each : references(wanted)) {
            counts.merge(String.valueOf(each.getProperty(wanted.nameKey)), 1, Integer::sum);
        }
        counts.forEach((name, count) -> {
            if (count > 1) {
                String pid = factoryPid + "~" + name;
                problems.put(
                        pid,
                        new ServerProblem(
                                pid,
                                "exists " + count + " times",
                                count + " " + words + " have the name '" + name
                                        + "', and servers use only one of them. Give the others another name, or remove their"
                                        + " configuration"));
            }
        });
    }

    private static ServerProblem noServer(Set<String> protocols) {
        return new ServerProblem(
                ServerProblem.ALL,
                "has no configured server, configure " + protocols.iterator().next() + "-NAME.cfg",
                "No server is configured: there is no configuration of " + String.join(", ", protocols)
                        + ". Put a file such as " + protocols.iterator().next()
                        + "-NAME.cfg where File Install reads it, or make a factory configuration in another way");
    }
}
