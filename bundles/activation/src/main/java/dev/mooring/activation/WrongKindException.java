package dev.mooring.activation;

import java.io.IOException;

/** A {@link NamedSocket} was asked for a channel that its descriptor cannot be; the message says what it is instead. */
public class WrongKindException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message which socket, what it is, what was asked for and the remedy
     */
    public WrongKindException(String message) {
        super(message);
    }
}
