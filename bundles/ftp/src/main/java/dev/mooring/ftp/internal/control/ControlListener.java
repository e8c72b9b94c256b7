package dev.mooring.ftp.internal.control;

/** The session behind a {@link ControlConnection}. The methods must not block. */
public interface ControlListener {

    /** A command has arrived. Called by the thread of the loop. */
    void received(Request request);

    /** The connection {@linkplain ControlConnection#isOver is idle, or the client has not logged in in time}. Called by the thread of the loop. */
    void over();

    /** The connection has ended. Called once, by any thread. */
    void closed();
}
