package dev.mooring.http.internal.handler;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mooring.accounts.Accounts;
import dev.mooring.accounts.Peer;
import dev.mooring.accounts.Verdict;
import dev.mooring.common.ClientText;
import dev.mooring.http.internal.connector.MetricsHandler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Requires a login by Basic authentication (RFC 7617), and passes accepted requests to the handler of the account's share. */
public final class AuthenticationHandler extends Handler.Abstract.NonBlocking {

    private static final Logger LOG = System.getLogger(AuthenticationHandler.class.getName());
    private static final String SCHEME = "Basic ";

    /** Keeps caches from reusing one account's response for another. */
    private static final HttpField VARY = new PreEncodedHttpField(HttpHeader.VARY, "Authorization");

    private final Accounts accounts;
    private final ShareHandlers shareHandlers;
    private final HttpField challenge;

    public AuthenticationHandler(Accounts accounts, ShareHandlers shareHandlers) {
        this.accounts = accounts;
        this.shareHandlers = shareHandlers;
        // Only characters that a quoted-string may contain.
        String realm = shareHandlers.own().share().name().replaceAll("[^ !#-\\[\\]-~]", "_");
        this.challenge = new PreEncodedHttpField(
                HttpHeader.WWW_AUTHENTICATE, "Basic realm=\"" + realm + "\", charset=\"UTF-8\"");
    }

    /** The credentials of a request. The password is wiped once the accounts have received it. */
    private record Credentials(String user, char[] password) {

        /** Parses the header. Returns {@code null} if it is missing, malformed or of another scheme. */
        static @Nullable Credentials of(@Nullable String header) {
            if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
                return null;
            }
            byte[] decoded;
            try {
                decoded = Base64.getDecoder()
                        .decode(header.substring(SCHEME.length()).strip());
            } catch (IllegalArgumentException notBase64) {
                return null;
            }
            CharBuffer text = UTF_8.decode(ByteBuffer.wrap(decoded));
            Arrays.fill(decoded, (byte) 0);
            int colon = text.toString().indexOf(':');
            if (colon < 0) {
                return null;
            }
            String user = text.subSequence(0, colon).toString();
            char[] password = new char[text.length() - colon - 1];
            text.position(colon + 1).get(password);
            Arrays.fill(text.array(), '\0');
            return new Credentials(user, password);
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        response.getHeaders().add(VARY);
        Credentials given = Credentials.of(request.getHeaders().get(HttpHeader.AUTHORIZATION));
        if (given == null) {
            return refuse(request, response, callback);
        }
        CompletableFuture<Verdict> verdict = accounts.authenticate(
                        given.user(),
                        given.password(),
                        Peer.of("http", request.getConnectionMetaData().getRemoteSocketAddress()))
                .toCompletableFuture();
        Arrays.fill(given.password(), '\0');
        if (verdict.isDone() && !verdict.isCompletedExceptionally()) {
            return answer(verdict.join(), request, response, callback);
        }
        verdict.whenCompleteAsync(
                (reached, failure) -> {
                    try {
                        answer(failure == null ? reached : new Verdict.Refused(), request, response, callback);
                    } catch (RuntimeException e) {
                        LOG.log(Level.ERROR, "A request failed after its login", ClientText.trace(e));
                        Response.writeError(request, response, callback, HttpStatus.INTERNAL_SERVER_ERROR_500);
                    }
                },
                request.getComponents().getExecutor());
        return true;
    }

    private boolean answer(Verdict verdict, Request request, Response response, Callback callback) {
        if (verdict instanceof Verdict.Accepted accepted) {
            request.setAttribute(MetricsHandler.USER, accepted.account().name());
            ShareHandler handler = shareHandlers.of(accepted.account());
            if (handler != null) {
                return handler.handle(request, response, callback);
            }
            Response.writeError(request, response, callback, HttpStatus.SERVICE_UNAVAILABLE_503);
            return true;
        }
        if (verdict instanceof Verdict.Postponed postponed) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, postponed.retryAfterSeconds());
            Response.writeError(
                    request,
                    response,
                    callback,
                    postponed instanceof Verdict.Limited
                            ? HttpStatus.TOO_MANY_REQUESTS_429
                            : HttpStatus.SERVICE_UNAVAILABLE_503);
            return true;
        }
        return refuse(request, response, callback);
    }

    private boolean refuse(Request request, Response response, Callback callback) {
        response.getHeaders().add(challenge);
        Response.writeError(request, response, callback, HttpStatus.UNAUTHORIZED_401);
        return true;
    }
}
