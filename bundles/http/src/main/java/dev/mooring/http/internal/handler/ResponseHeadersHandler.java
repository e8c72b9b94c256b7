package dev.mooring.http.internal.handler;

import java.nio.ByteBuffer;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Adds headers to each response when it is sent. They replace headers of the same names. */
public final class ResponseHeadersHandler extends Handler.Wrapper {

    private final List<HttpField> extra;

    /** Owns the list. */
    public ResponseHeadersHandler(List<HttpField> extra, Handler handler) {
        super(handler);
        this.extra = extra;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        return super.handle(request, new Extended(request, response), callback);
    }

    private final class Extended extends Response.Wrapper {

        Extended(Request request, Response response) {
            super(request, response);
        }

        @Override
        public void write(boolean last, ByteBuffer content, Callback callback) {
            if (!isCommitted()) {
                HttpFields.Mutable headers = getHeaders();
                extra.forEach(field -> headers.remove(field.getName()));
                extra.forEach(headers::add);
            }
            super.write(last, content, callback);
        }
    }
}
