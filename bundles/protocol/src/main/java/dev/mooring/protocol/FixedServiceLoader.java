package dev.mooring.protocol;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * A context class loader with which {@link java.util.ServiceLoader} finds the given implementations without opening jars. It delegates everything
 * else. It is not used on a module path, where {@code ServiceLoader} finds the providers in modules whatever the class loader.
 */
public final class FixedServiceLoader extends ClassLoader {

    private static final String SERVICES = "META-INF/services/";

    private final Map<String, String> given;

    private FixedServiceLoader(ClassLoader parent, Map<String, String> given) {
        super(parent);
        this.given = given;
    }

    /**
     * Calls code that may look for services.
     *
     * @param <T> the type of the result
     * @param user a class of the bundle that contains the libraries
     * @param given the class name of the only implementation of each service
     * @param call runs on this thread
     * @return its result
     * @throws Exception if the call does
     */
    public static <T> T call(Class<?> user, Map<String, String> given, Callable<T> call) throws Exception {
        if (user.getModule().isNamed()) {
            return call.call();
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // The parent is not the previous context class loader, because in OSGi that may belong to any bundle.
        thread.setContextClassLoader(new FixedServiceLoader(user.getClassLoader(), given));
        try {
            return call.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        String implementation = name.startsWith(SERVICES) ? given.get(name.substring(SERVICES.length())) : null;
        return implementation == null
                ? super.getResources(name)
                : Collections.enumeration(List.of(url(name, implementation)));
    }

    private static URL url(String name, String content) throws MalformedURLException {
        return new URL(null, "given:" + name, new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) {
                return new Given(url, content);
            }
        });
    }

    private static final class Given extends URLConnection {

        private final String content;

        Given(URL url, String content) {
            super(url);
            this.content = content;
        }

        @Override
        public void connect() {
            // The content is in memory.
        }

        @Override
        public InputStream getInputStream() {
            return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
        }
    }
}
