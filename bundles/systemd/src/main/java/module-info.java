/** This process as a systemd service: readiness, status, watchdog, idle exit, and a stop that lets transfers finish. */
module dev.mooring.systemd {
    requires transitive dev.mooring.protocol;
    requires java.logging;
    requires jdk.unsupported;
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.annotation.versioning;
    requires static org.osgi.framework;
    requires static org.osgi.service.cm;
    requires static org.osgi.service.metatype.annotations;
    requires static org.osgi.util.tracker;

    exports dev.mooring.systemd;
}
