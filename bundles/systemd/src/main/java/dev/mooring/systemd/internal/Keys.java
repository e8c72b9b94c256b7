package dev.mooring.systemd.internal;

import dev.mooring.systemd.SystemdService;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The keys of {@code dev.mooring.systemd}. */
@ObjectClassDefinition(pid = SystemdService.PID, name = "Mooring as a service of systemd")
public @interface Keys {

    /** How long the process may be idle before it exits. */
    @AttributeDefinition(description = "Seconds without a client after which an activated process exits; 0 for never")
    long idle_exit() default 0;
}
