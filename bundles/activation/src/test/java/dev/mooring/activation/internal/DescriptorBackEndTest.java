package dev.mooring.activation.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DescriptorBackEndTest {

    private static final String SEALED = "This JDK is sealed and ";
    private static final String OPEN = ". Start java with --add-opens java.base/sun.nio.ch=ALL-UNNAMED"
            + " (=dev.mooring.activation for a module path), or ";

    @Test
    void aMissingLibraryIsToBePutOnTheClassPath() {
        LinkageError missing = new NoClassDefFoundError("jnr/posix/POSIXFactory");
        missing.initCause(new ClassNotFoundException("jnr.posix.POSIXFactory"));
        String said = DescriptorBackEnd.unavailable(missing).getMessage();
        assertTrue(
                said.startsWith(SEALED + "jnr-posix is not available" + OPEN + "put jnr-posix on the class path"),
                said);
    }

    @Test
    void aLibraryWithoutNativeAccessIsToBeAllowedIt() {
        LinkageError denied = new UnsatisfiedLinkError("could not load FFI provider");
        denied.initCause(new UnsatisfiedLinkError("Illegal native access\n\tat jffi"));
        assertEquals(
                SEALED
                        + "the native library of jnr-posix cannot be loaded: java.lang.UnsatisfiedLinkError: Illegal native access"
                        + OPEN + "allow native access with --enable-native-access=ALL-UNNAMED"
                        + " (=org.jnrproject.jffi on a module path)",
                DescriptorBackEnd.unavailable(denied).getMessage());
    }

    @Test
    void theSecondFailureHasTheSameRemedy() {
        LinkageError again = new NoClassDefFoundError("Could not initialize class SingletonHolder");
        again.initCause(new ExceptionInInitializerError("Exception java.lang.UnsatisfiedLinkError"));
        String said = DescriptorBackEnd.unavailable(again).getMessage();
        assertTrue(said.contains("--enable-native-access"), said);
    }
}
