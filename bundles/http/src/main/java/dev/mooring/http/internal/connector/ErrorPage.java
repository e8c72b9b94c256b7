package dev.mooring.http.internal.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mooring.http.internal.message.Exchange;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The body of errors: the status in words, and no text from the client. */
public final class ErrorPage implements Request.Handler {

    private static final HttpField POLICY = new PreEncodedHttpField("Content-Security-Policy", "default-src 'none'");
    private static final HttpField NO_CACHE = new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "no-cache");

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        String reason = HttpStatus.getMessage(status);
        boolean json = Exchange.prefersJson(request);
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(json ? Exchange.JSON : Exchange.HTML);
        headers.add(Exchange.VARY_ACCEPT);
        headers.put(NO_CACHE);
        headers.put(POLICY);
        headers.put(Exchange.NO_SNIFFING);
        String text = json
                ? "{\"status\":" + status + ",\"error\":\"" + reason + "\"}\n"
                : "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" + status + " " + reason
                        + "</title>\n<h1>" + status + " " + reason + "</h1>\n</html>\n";
        response.write(true, ByteBuffer.wrap(text.getBytes(UTF_8)), callback);
        return true;
    }
}
