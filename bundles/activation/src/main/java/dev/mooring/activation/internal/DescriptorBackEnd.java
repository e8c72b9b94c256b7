package dev.mooring.activation.internal;

import dev.mooring.activation.internal.descriptor.Descriptors;
import dev.mooring.activation.internal.descriptor.JdkDescriptors;
import dev.mooring.activation.internal.posix.PosixDescriptors;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Chooses the back end of {@link Descriptors} that works in this JVM. */
final class DescriptorBackEnd {

    private static @Nullable Descriptors chosen;

    private DescriptorBackEnd() {}

    /** The back end, chosen on first use. */
    static synchronized Descriptors get() {
        if (chosen == null) {
            boolean open = JdkDescriptors.isOpen();
            chosen = open ? new JdkDescriptors(DescriptorBackEnd::posix) : posix();
            if (!open) {
                System.getLogger("dev.mooring.activation")
                        .log(
                                Level.INFO,
                                "Descriptors become channels through jnr-posix, because this JDK is sealed; for a faster start, start"
                                        + " java with " + JdkDescriptors.FLAG);
            }
        }
        return chosen;
    }

    private static Descriptors posix() {
        try {
            return new PosixDescriptors();
        } catch (LinkageError noLibrary) {
            throw new IllegalStateException(
                    "This JDK is sealed and jnr-posix is not available. Start java with " + JdkDescriptors.FLAG
                            + ", or put jnr-posix on the class path (on a module path, --add-modules"
                            + " org.jnrproject.posix)",
                    noLibrary);
        }
    }
}
