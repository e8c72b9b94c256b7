/** Reads configurations, and logs what clients send. */
module dev.mooring.common {
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.annotation.versioning;
    requires static org.osgi.framework;

    exports dev.mooring.common;
}
