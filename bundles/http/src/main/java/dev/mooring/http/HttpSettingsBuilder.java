package dev.mooring.http;

import dev.mooring.http.HttpSettings.Content;
import dev.mooring.http.HttpSettings.CrossOrigin;
import dev.mooring.http.HttpSettings.Forwarded;
import dev.mooring.http.HttpSettings.Header;
import dev.mooring.http.HttpSettings.Tls;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds {@link HttpSettings}, which describes each setting. Not safe for use by several threads. */
public final class HttpSettingsBuilder {

    private String basePath = HttpSettings.DEFAULT.basePath();
    private Duration idleTimeout = HttpSettings.DEFAULT.idleTimeout();
    private Content content = HttpSettings.DEFAULT.content();
    private boolean authentication = HttpSettings.DEFAULT.authentication();
    private @Nullable Tls tls = HttpSettings.DEFAULT.tls();
    private @Nullable CrossOrigin crossOrigin = HttpSettings.DEFAULT.crossOrigin();
    private List<Header> responseHeaders = HttpSettings.DEFAULT.responseHeaders();
    private int maxConnections = HttpSettings.DEFAULT.maxConnections();
    private int maxConnectionsPerAddress = HttpSettings.DEFAULT.maxConnectionsPerAddress();

    private @Nullable Forwarded forwarded = HttpSettings.DEFAULT.forwarded();

    HttpSettingsBuilder() {}

    /**
     * Sets the URL path of the root of the share.
     *
     * @param value an absolute path, not percent-encoded
     * @return this builder
     */
    public HttpSettingsBuilder basePath(String value) {
        basePath = value;
        return this;
    }

    /**
     * Sets the time without a byte after which a connection is closed.
     *
     * @param value one second or more
     * @return this builder
     */
    public HttpSettingsBuilder idleTimeout(Duration value) {
        idleTimeout = value;
        return this;
    }

    /**
     * Sets how files are sent.
     *
     * @param value the settings for files
     * @return this builder
     */
    public HttpSettingsBuilder content(Content value) {
        content = value;
        return this;
    }

    /**
     * Sets whether clients must log in.
     *
     * @param value {@code true} if they must
     * @return this builder
     */
    public HttpSettingsBuilder authentication(boolean value) {
        authentication = value;
        return this;
    }

    /**
     * Sets the certificate for HTTPS.
     *
     * @param value its files; {@code null} for plain HTTP
     * @return this builder
     */
    public HttpSettingsBuilder tls(@Nullable Tls value) {
        tls = value;
        return this;
    }

    /**
     * Sets the other sites whose scripts may read the share.
     *
     * @param value the sites; {@code null} for none
     * @return this builder
     */
    public HttpSettingsBuilder crossOrigin(@Nullable CrossOrigin value) {
        crossOrigin = value;
        return this;
    }

    /**
     * Sets the headers of every response.
     *
     * @param value the headers
     * @return this builder
     */
    public HttpSettingsBuilder responseHeaders(List<Header> value) {
        responseHeaders = value;
        return this;
    }

    /**
     * Sets the limits of connections.
     *
     * @param all the limit of all connections, 1 or more
     * @param perAddress the limit of connections from one address, 1 or more
     * @return this builder
     */
    public HttpSettingsBuilder maxConnections(int all, int perAddress) {
        maxConnections = all;
        maxConnectionsPerAddress = perAddress;
        return this;
    }

    /**
     * Sets the HTTP proxies that name their clients.
     *
     * @param value the proxies and their header; {@code null} for none
     * @return this builder
     */
    public HttpSettingsBuilder forwarded(@Nullable Forwarded value) {
        forwarded = value;
        return this;
    }

    /**
     * Builds the settings.
     *
     * @return the settings
     * @throws IllegalArgumentException if a setting is invalid; the message names the key, the problem and the remedy
     */
    public HttpSettings build() {
        return new HttpSettings(
                basePath,
                idleTimeout,
                content,
                authentication,
                tls,
                crossOrigin,
                responseHeaders,
                maxConnections,
                maxConnectionsPerAddress,
                forwarded);
    }
}
