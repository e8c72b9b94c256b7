package dev.mooring.activation;

import java.io.IOException;

/** A {@link NamedSocket} cannot open the requested channel, because its descriptor is of another kind. The message names both kinds. */
public class WrongKindException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message the socket, its kind, the requested kind and the remedy
     */
    public WrongKindException(String message) {
        super(message);
    }
}
