package dev.mooring.ftp.internal;

import java.util.Locale;
import org.apache.ftpserver.ftplet.FtpRequest;
import org.jspecify.annotations.Nullable;

/** A command. FtpServer's own takes blanks off the end of the argument, where they may belong to a name. */
record Request(String getCommand, @Nullable String getArgument, long getReceivedTime) implements FtpRequest {

    static Request of(String line) {
        String text = line.stripLeading();
        int blank = text.indexOf(' ');
        String command = (blank < 0 ? text : text.substring(0, blank)).toUpperCase(Locale.ROOT);
        String argument = blank < 0 || blank == text.length() - 1 ? null : text.substring(blank + 1);
        return new Request(command, argument, System.currentTimeMillis());
    }

    @Override
    public boolean hasArgument() {
        return getArgument != null;
    }

    @Override
    public String getRequestLine() {
        return getArgument == null ? getCommand : getCommand + ' ' + getArgument;
    }
}
