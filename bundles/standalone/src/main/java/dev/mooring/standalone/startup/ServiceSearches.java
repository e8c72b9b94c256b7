package dev.mooring.standalone.startup;

import java.io.IOException;
import java.net.URL;
import java.net.URLStreamHandler;
import java.util.Collections;
import java.util.Enumeration;

/** Searches of the JDK for services, each of which would open every jar of the module path. */
public final class ServiceSearches {

    private ServiceSearches() {}

    /** Avoids the searches. Call this once, before anything else. */
    public static void avoid() {
        lookForServicesInModules();
        setHandlerOfUrls();
    }

    /**
     * Answers searches for {@code META-INF/services} without opening the jars of the module path: all providers are in modules, and a client is
     * waiting.
     */
    private static void lookForServicesInModules() {
        Thread.currentThread().setContextClassLoader(new ClassLoader(ServiceSearches.class.getClassLoader()) {
            @Override
            public Enumeration<URL> getResources(String name) throws IOException {
                return name.startsWith("META-INF/services/")
                        ? Collections.emptyEnumeration()
                        : super.getResources(name);
            }
        });
    }

    /**
     * Names the handler of {@code http:} URLs. The JDK makes such a URL before it encrypts anything, and would search all jars for the handler. If the JVM
     * does not export this class, the JDK searches.
     */
    private static void setHandlerOfUrls() {
        URL.setURLStreamHandlerFactory(protocol -> {
            try {
                return protocol.equals("http")
                        ? (URLStreamHandler) Class.forName("sun.net.www.protocol.http.Handler")
                                .getConstructor()
                                .newInstance()
                        : null;
            } catch (ReflectiveOperationException e) {
                return null;
            }
        });
    }
}
