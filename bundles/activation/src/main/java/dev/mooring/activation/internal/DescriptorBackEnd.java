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
            throw unavailable(noLibrary);
        }
    }

    /**
     * Makes the exception for a process in which neither the JDK nor jnr-posix can be used. Its message names the reason and the remedy.
     *
     * @param noLibrary the error from loading jnr-posix. The JVM also throws a {@link NoClassDefFoundError} if a class of jnr-posix is used again after its
     *     initialization has failed; the cause is then the first error
     */
    static IllegalStateException unavailable(LinkageError noLibrary) {
        boolean absent = noLibrary instanceof NoClassDefFoundError
                && (noLibrary.getCause() == null || noLibrary.getCause() instanceof ClassNotFoundException);
        return new IllegalStateException(
                absent
                        ? "This JDK is sealed and jnr-posix is not available. Start java with " + JdkDescriptors.FLAG
                                + ", or put jnr-posix on the class path (on a module path, --add-modules"
                                + " org.jnrproject.posix)"
                        : "This JDK is sealed and the native library of jnr-posix cannot be loaded: "
                                + reason(noLibrary)
                                + ". Start java with " + JdkDescriptors.FLAG
                                + ", or allow native access with --enable-native-access=ALL-UNNAMED"
                                + " (=org.jnrproject.jffi on a module path)",
                noLibrary);
    }

    /** The first line of the innermost message. jffi appends a stack trace to its own. */
    private static String reason(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString().lines().findFirst().orElse("");
    }
}
