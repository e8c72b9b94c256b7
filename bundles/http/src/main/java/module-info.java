/** Serves a share over HTTP on activated sockets. */
module dev.mooring.http {
    requires transitive dev.mooring.protocol;
    requires java.logging;
    requires org.eclipse.jetty.alpn.server;
    requires org.eclipse.jetty.http2.server;
    requires org.eclipse.jetty.server;
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.annotation.versioning;
    requires static org.osgi.framework;
    requires static org.osgi.service.component;
    requires static org.osgi.service.component.annotations;
    requires static org.osgi.service.metatype.annotations;

    exports dev.mooring.http;

    provides dev.mooring.protocol.ServerProvider with
            dev.mooring.http.internal.HttpProvider;
}
