/** Reads configurations, and limits and escapes log text that clients cause. */
module dev.mooring.common {
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.annotation.versioning;
    requires static org.osgi.framework;

    exports dev.mooring.common;
}
