/** Accounts: passwords, authorized keys and the rights of users. Each set of accounts is a service. */
module dev.mooring.accounts {
    requires transitive dev.mooring.share;
    requires dev.mooring.common;
    requires org.apache.commons.codec;
    requires spring.security.crypto;
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.annotation.versioning;
    requires static org.osgi.framework;
    requires static org.osgi.service.component.annotations;
    requires static org.osgi.service.metatype.annotations;

    exports dev.mooring.accounts;
}
