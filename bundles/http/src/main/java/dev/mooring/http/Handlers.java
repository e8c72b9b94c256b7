package dev.mooring.http;

import dev.mooring.accounts.Accounts;
import dev.mooring.http.HttpSettings.Content;
import dev.mooring.http.HttpSettings.CrossOrigin;
import dev.mooring.http.HttpSettings.Header;
import dev.mooring.http.internal.content.FileResponder;
import dev.mooring.http.internal.handler.AuthenticationHandler;
import dev.mooring.http.internal.handler.CorsHandler;
import dev.mooring.http.internal.handler.ResponseHeadersHandler;
import dev.mooring.http.internal.handler.ShareHandler;
import dev.mooring.http.internal.handler.ShareHandlers;
import dev.mooring.http.internal.listing.DirectoryResponder;
import dev.mooring.protocol.ServedShares;
import dev.mooring.share.Share;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Handler;

/**
 * Makes the request handlers of a server.
 *
 * @param name the name of the server in the log
 * @param shares the shares that are served
 * @param settings the settings
 * @param accounts the accounts; used only with authentication
 */
record Handlers(String name, ServedShares shares, HttpSettings settings, Accounts accounts)
        implements Supplier<Handler> {

    /** The handler of all requests. */
    @Override
    public Handler get() {
        ShareHandlers shareHandlers = new ShareHandlers(name, shares, this::of);
        Handler handler =
                settings.authentication() ? new AuthenticationHandler(accounts, shareHandlers) : shareHandlers.own();
        List<Header> extra = settings.responseHeaders();
        CrossOrigin crossOrigin = settings.crossOrigin();
        if (crossOrigin != null) {
            handler = new CorsHandler(
                    crossOrigin.origins(),
                    crossOrigin.credentials(),
                    crossOrigin.maxAge(),
                    extra.stream().map(Header::name).toList(),
                    handler);
        }
        return extra.isEmpty() ? handler : new ResponseHeadersHandler(fields(extra), handler);
    }

    private static List<HttpField> fields(List<Header> headers) {
        return headers.stream()
                .<HttpField>map(header -> new PreEncodedHttpField(header.name(), header.value()))
                .toList();
    }

    private ShareHandler of(Share share) {
        Content content = settings.content();
        FileResponder files = new FileResponder(
                share,
                content.gzip(),
                content.precompressed(),
                cacheControl(content.cacheControl()),
                content.cacheSize());
        DirectoryResponder directories = new DirectoryResponder(
                share, files, settings.basePath(), content.index(), content.listing(), cacheControl("no-cache"));
        return new ShareHandler(name, share, settings.basePath(), files, directories);
    }

    /** Adds {@code private} to a value of {@code Cache-Control} if clients must log in: shared caches must not store the response. */
    private String cacheControl(String value) {
        if (!settings.authentication() || value.contains("private") || value.contains("no-store")) {
            return value;
        }
        return value.isEmpty() ? "private" : "private, " + value;
    }
}
