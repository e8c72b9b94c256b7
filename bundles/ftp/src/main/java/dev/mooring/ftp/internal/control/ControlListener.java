package dev.mooring.ftp.internal.control;

/** The session behind a {@link ControlConnection}. The methods must not block. */
public interface ControlListener {

    /** A command has arrived. Called by the thread of the loop. */
    void received(Request request);

    /** Nothing was sent or received for the time of {@link ControlConnection#setIdle}. Called by the thread of the loop. */
    void idle();

    /** The connection has ended. Called once, by any thread. */
    void closed();
}
