/** Replaces a running bundle when its jar is replaced. */
module dev.mooring.deploy {
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.framework;
    requires static org.osgi.resource;
}
