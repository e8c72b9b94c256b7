package dev.mooring.itests.probe;

import dev.mooring.activation.NamedSocket;
import dev.mooring.activation.NamedSockets;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** The probe as a bundle, with questions about services and bundles besides. */
public final class ProbeActivator implements BundleActivator {

    private BundleContext context;

    /** Set by {@link #start}. */
    public ProbeActivator() {
        context = null;
    }

    @Override
    public void start(BundleContext started) {
        context = started;
        Thread questions = new Thread(this::answer, "probe");
        questions.setDaemon(true);
        questions.start();
    }

    private void answer() {
        Probe probe = new Probe(this::sockets);
        System.out.println("= ready");
        try {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String question = in.readLine(); question != null; question = in.readLine()) {
                switch (question.split(" ")[0]) {
                    case "services" -> services().forEach(line -> System.out.println("= " + line));
                    case "start", "stop", "update" -> System.out.println("= " + change(question));
                    default -> {
                        probe.reply(question);
                        continue;
                    }
                }
                System.out.println("=.");
            }
        } catch (IOException e) {
            System.out.println("= " + e);
        }
    }

    private NamedSockets sockets() {
        ServiceReference<NamedSockets> reference = context.getServiceReference(NamedSockets.class);
        if (reference == null) {
            throw new IllegalStateException("there is no service NamedSockets");
        }
        return context.getService(reference);
    }

    private List<String> services() {
        try {
            Collection<ServiceReference<NamedSocket>> references =
                    context.getServiceReferences(NamedSocket.class, null);
            List<String> lines = new ArrayList<>();
            references.stream()
                    .sorted(Comparator.comparing(each -> (Integer) each.getProperty(NamedSocket.SOCKET_FD)))
                    .forEach(each -> lines.add(properties(each)));
            return lines;
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String properties(ServiceReference<NamedSocket> reference) {
        TreeMap<String, String> properties = new TreeMap<>();
        for (String key : reference.getPropertyKeys()) {
            Object value = reference.getProperty(key);
            if (key.startsWith("socket.")) {
                properties.put(
                        key.substring("socket.".length()),
                        value
                                + (value instanceof String
                                        ? ""
                                        : ":" + value.getClass().getSimpleName()));
            }
        }
        return properties.toString();
    }

    private String change(String question) {
        String[] words = question.split(" ");
        try {
            for (Bundle bundle : context.getBundles()) {
                if (bundle.getSymbolicName().equals(words[1])) {
                    switch (words[0]) {
                        case "start" -> bundle.start();
                        case "stop" -> bundle.stop();
                        default -> bundle.update();
                    }
                    return words[0] + " done, state " + bundle.getState();
                }
            }
            return "no bundle " + words[1];
        } catch (BundleException e) {
            return e.toString();
        }
    }

    @Override
    public void stop(BundleContext stopped) {
        // the framework is on its way down
    }
}
