package dev.mooring.http.internal.handler;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.CrossOriginHandler;
import org.eclipse.jetty.util.Callback;

/** Permits scripts of other origins to read the share (CORS). It runs before authentication, because preflight requests have no password. */
public final class CorsHandler extends CrossOriginHandler {

    /** The headers that a script may send besides the CORS-safelisted request-headers of the Fetch standard. */
    private static final Set<String> REQUEST_HEADERS = Set.of(
            "Authorization",
            "Cache-Control",
            "If-Match",
            "If-Modified-Since",
            "If-None-Match",
            "If-Range",
            "If-Unmodified-Since",
            "Range",
            "X-Requested-With");

    /** The headers that a script may read besides the CORS-safelisted response-headers of the Fetch standard. */
    private static final Set<String> RESPONSE_HEADERS = Set.of(
            "Accept-Ranges",
            "Content-Disposition",
            "Content-Encoding",
            "Content-Length",
            "Content-Range",
            "Date",
            "ETag",
            "Retry-After");

    /**
     * Wraps a handler.
     *
     * @param origins the origins whose scripts may read responses; {@code *} for all
     * @param credentials whether a browser may send a password that it has stored
     * @param maxAge the time for which a browser may cache these permissions
     * @param extra the names of more headers that a script may read
     * @param handler handles the requests
     */
    public CorsHandler(Set<String> origins, boolean credentials, Duration maxAge, List<String> extra, Handler handler) {
        setHandler(handler);
        setAllowedOriginPatterns(origins.stream()
                .map(origin -> origin.equals("*") ? origin : Pattern.quote(origin))
                .collect(Collectors.toSet()));
        setAllowCredentials(credentials);
        setAllowedMethods(Set.of("GET", "HEAD"));
        setAllowedHeaders(REQUEST_HEADERS);
        setExposedHeaders(
                Stream.concat(RESPONSE_HEADERS.stream(), extra.stream()).collect(Collectors.toSet()));
        setPreflightMaxAge(maxAge);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (HttpMethod.OPTIONS.is(request.getMethod())) {
            response.setStatus(HttpStatus.NO_CONTENT_204);
        }
        return super.handle(request, response, callback);
    }
}
