/** The named sockets that systemd passed to this process. */
module dev.mooring.activation {
    requires static org.jnrproject.ffi;
    requires static org.jnrproject.jffi;
    requires static org.jnrproject.constants;
    requires static org.jnrproject.posix;
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.annotation.versioning;
    requires static org.osgi.framework;
    requires static org.osgi.service.cm;
    requires static org.osgi.service.metatype.annotations;

    exports dev.mooring.activation;

    // jnr-ffi generates classes that implement interfaces of this package.
    opens dev.mooring.activation.internal.posix;
}
