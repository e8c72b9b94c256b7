/** Serves a share over SFTP and scp on the sockets named for it. */
module dev.mooring.sftp {
    requires transitive dev.mooring.protocol;
    requires java.logging;
    requires org.apache.sshd.osgi;
    requires org.apache.sshd.scp;
    requires org.apache.sshd.sftp;
    requires static org.jspecify;
    requires static org.osgi.annotation.bundle;
    requires static org.osgi.annotation.versioning;
    requires static org.osgi.framework;
    requires static org.osgi.service.component;
    requires static org.osgi.service.component.annotations;
    requires static org.osgi.service.metatype.annotations;

    exports dev.mooring.sftp;

    provides dev.mooring.protocol.ServerProvider with
            dev.mooring.sftp.internal.SftpProvider;
}
