package dev.mooring.felix.http.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The keys of {@code dev.mooring.felix.http}. */
@ObjectClassDefinition(pid = Activator.PID, name = "Mooring sockets of Felix HTTP")
public @interface Keys {

    /** Selects the sockets that Felix HTTP serves. */
    @AttributeDefinition(description = "Filter over the sockets that Felix HTTP serves")
    String sockets_target() default "(socket.name=console)";

    /** The seconds without a byte after which the server closes a connection. */
    @AttributeDefinition(description = "Seconds without a byte after which a connection is closed")
    long idle_timeout() default 60;

    /** The seconds in which requests may finish after the connector was stopped. */
    @AttributeDefinition(
            description = "Seconds that requests may take to finish when this bundle or Felix HTTP is stopped")
    long drain_timeout() default 60;
}
