package dev.mooring.deploy.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

class JarWatchTest {

    private final Logger logger = Logger.getLogger(JarWatch.class.getName());
    private final List<String> log = new ArrayList<>();
    private final List<Bundle> bundles = new ArrayList<>();
    private final JarWatch watch = new JarWatch(framework());

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord event) {
            log.add(event.getLevel() + " " + MessageFormat.format(event.getMessage(), event.getParameters()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
    }

    @AfterEach
    void leave() {
        logger.removeHandler(handler);
    }

    private BundleContext framework() {
        return proxy(BundleContext.class, method -> switch (method) {
            case "getBundles" -> bundles.toArray(Bundle[]::new);
            case "getBundle" -> bundle(0, "framework", "System Bundle");
            default -> null;
        });
    }

    private static Bundle bundle(long id, String name, String location) {
        return proxy(Bundle.class, method -> switch (method) {
            case "getBundleId", "getLastModified" -> id;
            case "getSymbolicName" -> name;
            case "getLocation" -> location;
            case "getState" -> Bundle.ACTIVE;
            default -> null;
        });
    }

    private interface Answers {
        Object to(String method);
    }

    private static <T> T proxy(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> switch (method.getName()) {
                    case "hashCode" -> System.identityHashCode(self);
                    case "equals" -> self == arguments[0];
                    default -> answers.to(method.getName());
                }));
    }

    @Test
    void bundlesWithoutAFileAreLoggedOnce() {
        bundles.add(bundle(0, "framework", "System Bundle"));
        for (int i = 1; i <= 12; i++) {
            bundles.add(bundle(i, "b" + i, "mvn:b/" + i));
        }
        watch.look();
        watch.look();
        assertEquals(1, log.size(), log::toString);
        assertEquals(
                "INFO Bundles that are not watched, because they were not installed from a file: b1 (mvn:b/1), b2 (mvn:b/2),"
                        + " b3 (mvn:b/3), b4 (mvn:b/4), b5 (mvn:b/5), b6 (mvn:b/6), b7 (mvn:b/7), b8 (mvn:b/8), b9 (mvn:b/9),"
                        + " b10 (mvn:b/10) and 2 more. Update them with the framework's own tools, or install them from file:"
                        + " locations",
                log.get(0));
    }

    @Test
    void aMissingJarIsLoggedOnce(@TempDir Path directory) throws Exception {
        Path jar = Files.createFile(directory.resolve("b.jar"));
        bundles.add(bundle(System.currentTimeMillis() + 10_000, "b", "file:" + jar));
        watch.look();
        Files.delete(jar);
        for (int i = 0; i < 3; i++) {
            watch.look();
        }
        assertEquals(1, log.size(), log::toString);
        assertEquals(
                "WARNING b continues to run, but " + jar + " cannot be read: java.nio.file.NoSuchFileException: " + jar
                        + "; put a jar in its place to replace the bundle",
                log.get(0));
    }
}
