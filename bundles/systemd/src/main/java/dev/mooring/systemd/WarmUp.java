package dev.mooring.systemd;

import java.net.InetAddress;
import java.text.DecimalFormatSymbols;
import java.time.ZoneId;
import java.util.Locale;

/** What every server needs of the JDK before its first answer, made ready by a thread of its own while a runtime starts. */
public final class WarmUp {

    private WarmUp() {}

    /**
     * Starts the thread, which ends by itself.
     *
     * @param also what this runtime needs besides, first; it may fail, for whoever needs it will be told
     */
    public static void start(Runnable also) {
        Thread thread = new Thread(() -> run(also), "warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    private static void run(Runnable also) {
        also.run();
        InetAddress.getLoopbackAddress();
        Locale.getAvailableLocales();
        // Their rules are looked for in each jar of the class path and the module path.
        ZoneId.systemDefault();
        DecimalFormatSymbols.getInstance();
    }
}
