package dev.mooring.http.internal.message;

import dev.mooring.accounts.Peer;
import dev.mooring.common.ClientText;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** A request and its response. Every method that answers completes the exchange. */
public record Exchange(Request request, Response response, Callback callback) {

    /** Forbids browsers to guess a type other than {@code Content-Type}. */
    public static final HttpField NO_SNIFFING = new PreEncodedHttpField("X-Content-Type-Options", "nosniff");

    public static final HttpField HTML = new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, "text/html;charset=utf-8");
    public static final HttpField JSON = new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, "application/json");

    /** For responses that are {@link #HTML} or {@link #JSON}, as the client prefers. */
    public static final HttpField VARY_ACCEPT = new PreEncodedHttpField(HttpHeader.VARY, "Accept");

    private static final long RETRY_AFTER_SECONDS = 10;

    public boolean isHead() {
        return HttpMethod.HEAD.is(request.getMethod());
    }

    public HttpFields headers() {
        return request.getHeaders();
    }

    /** Whether the client prefers JSON to HTML (RFC 9110 section 12.5.1). */
    public static boolean prefersJson(Request request) {
        for (String type : request.getHeaders().getQualityCSV(HttpHeader.ACCEPT)) {
            if (type.startsWith("application/json")) {
                return true;
            }
            if (type.startsWith("text/") || type.startsWith("*/") || type.startsWith("application/xhtml")) {
                return false;
            }
        }
        return false;
    }

    /** Returns this exchange with an action that runs when it is complete. */
    public Exchange whenComplete(Runnable action) {
        return new Exchange(request, response, Callback.from(callback, action));
    }

    public void add(List<HttpField> fields) {
        HttpFields.Mutable headers = response.getHeaders();
        for (int i = 0; i < fields.size(); i++) {
            headers.add(fields.get(i));
        }
    }

    /** Answers with content in memory. */
    public void send(ByteBuffer content) {
        response.write(true, isHead() ? BufferUtil.EMPTY_BUFFER : content, callback);
    }

    /** Answers without content and without {@code Content-Length}. */
    public void sendNothing(int status) {
        response.setStatus(status);
        response.write(false, BufferUtil.EMPTY_BUFFER, callback);
    }

    public void redirect(String location) {
        response.getHeaders().put(HttpHeader.LOCATION, location);
        error(301);
    }

    /** Answers that the server is overloaded and when the client may retry. */
    public void busy() {
        response.getHeaders().put(HttpHeader.RETRY_AFTER, RETRY_AFTER_SECONDS);
        error(503);
    }

    public void error(int status) {
        Response.writeError(request, response, callback, status);
    }

    /** The address of the client, for the log. */
    public @Nullable InetAddress client() {
        return Peer.of("http", request.getConnectionMetaData().getRemoteSocketAddress())
                .address();
    }

    /** The method and target, for the log. */
    @Override
    public String toString() {
        return ClientText.of(request.getMethod()) + " "
                + ClientText.encodeRest(String.valueOf(request.getHttpURI().getPathQuery()));
    }
}
