/** Shares and accounts, each a service: named trees of files, and the users that may log in. */
module dev.mooring.share {
    requires org.apache.commons.codec;
    requires spring.security.crypto;
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.annotation.versioning;
    requires static org.osgi.framework;
    requires static org.osgi.service.component.annotations;
    requires static org.osgi.service.metatype.annotations;

    exports dev.mooring.share;
}
