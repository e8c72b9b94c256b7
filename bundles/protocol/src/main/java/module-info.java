/** The common part of the servers of all protocols: listening sockets, certificates, metrics and logs. */
@SuppressWarnings("module") // It is compiled before the modules to which it exports.
module dev.mooring.protocol {
    requires transitive dev.mooring.accounts;
    requires transitive dev.mooring.activation;
    requires transitive dev.mooring.common;
    requires transitive dev.mooring.share;
    requires java.logging;
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.annotation.versioning;
    requires static org.osgi.framework;
    requires static org.osgi.resource;
    requires static org.osgi.service.cm;
    requires static org.osgi.service.component;
    requires static org.osgi.service.component.annotations;

    exports dev.mooring.protocol;
    exports dev.mooring.protocol.startup to
            dev.mooring.http,
            dev.mooring.sftp,
            dev.mooring.standalone;
}
