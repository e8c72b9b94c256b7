/** Lets Felix HTTP serve on activated sockets. It runs in OSGi alone. */
module dev.mooring.felix.http {
    requires dev.mooring.activation;
    requires dev.mooring.common;
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.framework;
    requires static org.osgi.resource;
    requires static org.osgi.service.cm;
    requires static org.osgi.service.metatype.annotations;
    requires static org.osgi.util.tracker;
}
