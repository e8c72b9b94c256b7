package dev.mooring.itests.console;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Reads questions from standard input. Answers those about services and bundles, and passes all others to the probe, which
 * is a {@code Function} service.
 */
public final class ConsoleActivator implements BundleActivator {

    private Thread answering = new Thread();

    @Override
    public void start(BundleContext context) {
        BlockingQueue<String> questions = questions();
        answering = new Thread(() -> answer(context, questions), "console");
        answering.setDaemon(true);
        answering.start();
    }

    /** One queue for the process, because a read of standard input continues when the framework restarts. */
    @SuppressWarnings("unchecked") // only this class uses that key
    private static BlockingQueue<String> questions() {
        return (BlockingQueue<String>)
                System.getProperties().computeIfAbsent(ConsoleActivator.class.getName(), key -> read());
    }

    private static BlockingQueue<String> read() {
        BlockingQueue<String> questions = new LinkedBlockingQueue<>();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Thread reading = new Thread(() -> in.lines().forEach(questions::add), "questions");
        reading.setDaemon(true);
        reading.start();
        return questions;
    }

    private static void answer(BundleContext context, BlockingQueue<String> questions) {
        System.out.println("= ready");
        try {
            while (true) {
                String question = questions.take();
                StringBuilder answer = new StringBuilder();
                try {
                    answer(context, question)
                            .forEach(line -> answer.append("= ").append(line).append('\n'));
                } catch (Exception e) {
                    answer.append("= ").append(e).append('\n');
                }
                System.out.print(answer + "=.\n");
                System.out.flush();
            }
        } catch (InterruptedException | IllegalStateException over) {
            // The framework stops.
        }
    }

    private static List<String> answer(BundleContext context, String question) throws Exception {
        String[] words = question.split(" ");
        switch (words[0]) {
            case "services":
                return services(context);
            case "start":
                bundle(context, words[1]).start();
                return state(context, words[1]);
            case "stop":
                bundle(context, words[1]).stop();
                return state(context, words[1]);
            case "update":
                bundle(context, words[1]).update();
                return state(context, words[1]);
            case "restart":
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).update();
                return List.of();
            case "refresh":
                refresh(context, bundle(context, words[1]));
                return state(context, words[1]);
            default:
                return probe(context, question);
        }
    }

    private static Bundle bundle(BundleContext context, String name) {
        return Stream.of(context.getBundles())
                .filter(bundle -> bundle.getSymbolicName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> state(BundleContext context, String name) {
        int state = bundle(context, name).getState();
        return List.of(
                state == Bundle.ACTIVE ? "active" : state == Bundle.RESOLVED ? "resolved" : "installed or " + state);
    }

    private static void refresh(BundleContext context, Bundle bundle) throws InterruptedException {
        CountDownLatch refreshed = new CountDownLatch(1);
        context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                .adapt(FrameworkWiring.class)
                .refreshBundles(Set.of(bundle), event -> refreshed.countDown());
        if (!refreshed.await(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("not refreshed in 20 s");
        }
    }

    private static List<String> services(BundleContext context) throws Exception {
        ServiceReference<?>[] references = context.getAllServiceReferences("dev.mooring.activation.NamedSocket", null);
        return Stream.of(references == null ? new ServiceReference<?>[0] : references)
                .sorted((a, b) ->
                        Integer.compare((Integer) a.getProperty("socket.fd"), (Integer) b.getProperty("socket.fd")))
                .map(ConsoleActivator::properties)
                .toList();
    }

    private static String properties(ServiceReference<?> reference) {
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

    @SuppressWarnings("unchecked") // the probe registers this type
    private static List<String> probe(BundleContext context, String question) throws Exception {
        ServiceReference<?>[] probes = context.getAllServiceReferences(Function.class.getName(), "(probe=*)");
        if (probes == null) {
            throw new IllegalStateException("the probe is not registered");
        }
        return ((Function<String, List<String>>) context.getService(probes[0])).apply(question);
    }

    @Override
    public void stop(BundleContext context) {
        answering.interrupt();
    }
}
