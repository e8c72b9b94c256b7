/** The same servers without OSGi: started from a module path, configured by the same files. */
module dev.mooring.standalone {
    requires dev.mooring.systemd;
    requires java.logging;
    requires org.osgi.framework;
    requires static org.jspecify;

    // Needed by jnr-ffi, an automatic module, which cannot require it itself.
    requires org.objectweb.asm;

    uses dev.mooring.activation.IdleInhibitor;
    uses dev.mooring.protocol.ServerProvider;

    provides System.LoggerFinder with
            dev.mooring.standalone.startup.PlatformLoggers,
            dev.mooring.standalone.startup.PlatformLoggers.Again;
}
