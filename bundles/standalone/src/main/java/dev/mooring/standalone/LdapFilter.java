package dev.mooring.standalone;

import java.util.Hashtable;
import java.util.Map;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

/** Any filter; a class of its own, as most configurations need none of what it loads. */
record LdapFilter(Filter filter) implements Target {

    static LdapFilter of(String key, String text) {
        try {
            return new LdapFilter(FrameworkUtil.createFilter(text));
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(
                    key + " = '" + text + "' is no filter; write one like (socket.name=http)", e);
        }
    }

    @Override
    public boolean matches(Map<String, ?> properties) {
        return filter.match(new Hashtable<>(properties));
    }
}
