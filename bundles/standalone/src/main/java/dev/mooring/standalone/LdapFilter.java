package dev.mooring.standalone;

import java.util.Hashtable;
import java.util.Map;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

/** A filter in full LDAP syntax. It is a separate class because most configurations do not need the OSGi classes that it loads. */
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
