package dev.mooring.http.internal;

import dev.mooring.common.Configuration;
import dev.mooring.http.HttpConstants;
import dev.mooring.http.HttpServer;
import dev.mooring.http.HttpSettings;
import dev.mooring.http.HttpSettings.Content;
import dev.mooring.http.HttpSettings.CrossOrigin;
import dev.mooring.http.HttpSettings.Forwarded;
import dev.mooring.http.HttpSettings.Header;
import dev.mooring.http.HttpSettings.Tls;
import dev.mooring.http.internal.connector.JettyEngine;
import dev.mooring.protocol.FixedServiceLoader;
import dev.mooring.protocol.ServerProvider;
import dev.mooring.protocol.SocketServer;
import dev.mooring.protocol.TrustedProxies;
import dev.mooring.protocol.startup.WarmUp;
import dev.mooring.share.Share;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes the HTTP server of a configuration. */
public final class HttpProvider implements ServerProvider, WarmUp.OfProtocol {

    /** Classes that take long to initialise before the first response, in the order of their use. */
    private static final List<String> WARM_UP_CLASSES = List.of(
            "org.eclipse.jetty.http.PreEncodedHttpField",
            "org.eclipse.jetty.http.MimeTypes",
            "dev.mooring.http.internal.content.ContentTypes",
            "org.eclipse.jetty.http.HttpParser",
            "org.eclipse.jetty.http.HttpGenerator",
            "org.eclipse.jetty.server.internal.HttpConnection",
            "org.eclipse.jetty.server.internal.HttpChannelState");

    @Override
    public String pid() {
        return HttpConstants.PID;
    }

    @Override
    public Class<? extends Annotation> keys() {
        return HttpKeys.class;
    }

    @Override
    public SocketServer make(String name, Share share, Configuration configuration, Path directory) {
        return new HttpServer(name, share, settings(configuration));
    }

    static HttpSettings settings(Configuration configuration) {
        return new HttpSettings(
                configuration.text("base.path"),
                configuration.seconds("idle.timeout"),
                new Content(
                        configuration.text("index"),
                        configuration.flag("listing"),
                        configuration.flag("gzip"),
                        configuration.flag("precompressed"),
                        configuration.text("cache.control"),
                        configuration.number("cache.size")),
                configuration.flag("authentication"),
                tls(configuration),
                crossOrigin(configuration),
                headers(configuration.list("response.headers")),
                configuration.integer("max.connections"),
                configuration.integer("max.connections.per.address"),
                forwarded(configuration));
    }

    private static @Nullable Forwarded forwarded(Configuration configuration) {
        TrustedProxies trusted =
                TrustedProxies.of("forwarded.trusted", configuration.commaSeparated("forwarded.trusted"));
        Forwarded forwarded =
                new Forwarded(trusted, configuration.text("forwarded.header").strip());
        return trusted.isEmpty() ? null : forwarded;
    }

    private static @Nullable Tls tls(Configuration configuration) {
        Path certificate = configuration.path("tls.certificate");
        Path key = configuration.path("tls.key");
        Path clientCa = configuration.path("tls.client.ca");
        if (certificate == null && (key != null || clientCa != null)) {
            throw new IllegalArgumentException((key != null ? "tls.key = '" + key : "tls.client.ca = '" + clientCa)
                    + "' has no certificate; set tls.certificate to the PEM file of the certificate");
        }
        if (certificate != null && key == null) {
            throw new IllegalArgumentException("tls.certificate = '" + certificate
                    + "' has no key; set tls.key to the PEM file of its private key");
        }
        return certificate == null || key == null ? null : new Tls(certificate, key, clientCa);
    }

    private static @Nullable CrossOrigin crossOrigin(Configuration configuration) {
        Set<String> origins = Set.copyOf(configuration.commaSeparated("access.control.allow.origin"));
        boolean credentials = configuration.flag("access.control.allow.credentials");
        Duration maxAge = configuration.seconds("access.control.max.age");
        return origins.isEmpty() ? null : new CrossOrigin(origins, credentials, maxAge);
    }

    /**
     * Splits lists of headers. A list in a properties file is one string, and values may contain commas. So a comma starts the next header only if a
     * name and a colon follow.
     */
    private static List<Header> headers(List<String> lists) {
        List<Header> headers = new ArrayList<>();
        for (String list : lists) {
            if (!list.isBlank()) {
                for (String header : Pattern.compile(",(?=\\s*[\\w-]+:\\s)").split(list)) {
                    if (!header.isBlank()) {
                        headers.add(Header.of(header.strip()));
                    }
                }
            }
        }
        return List.copyOf(headers);
    }

    @Override
    public void warmUp() throws Exception {
        FixedServiceLoader.call(HttpProvider.class, JettyEngine.SERVICES, () -> {
            for (String each : WARM_UP_CLASSES) {
                Class.forName(each);
            }
            return WARM_UP_CLASSES;
        });
    }
}
