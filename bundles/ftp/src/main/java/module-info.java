/** Serves a share over FTP on the sockets named for it. */
module dev.mooring.ftp {
    requires transitive dev.mooring.protocol;
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.annotation.versioning;
    requires static org.osgi.framework;
    requires static org.osgi.service.component;
    requires static org.osgi.service.component.annotations;
    requires static org.osgi.service.metatype.annotations;

    exports dev.mooring.ftp;

    provides dev.mooring.protocol.ServerProvider with
            dev.mooring.ftp.internal.FtpProvider;
}
