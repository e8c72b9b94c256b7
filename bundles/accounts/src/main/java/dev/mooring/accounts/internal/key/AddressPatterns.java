package dev.mooring.accounts.internal.key;

import dev.mooring.common.AddressRange;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that {@code from=} allows, sshd(8): at least one pattern must match, and no negated one. Host names are not supported, because they
 * would need DNS queries.
 */
final class AddressPatterns {

    private record One(boolean negated, Predicate<InetAddress> pattern) {}

    private static final Pattern WILD = Pattern.compile("\\*|[0-9.]*[*?][0-9.*?]*");
    private static final Pattern WILDCARD = Pattern.compile("[*?]+");

    private final List<One> patterns = new ArrayList<>();

    /** Throws an {@link IllegalArgumentException} for an unsupported pattern; the message is a sentence that begins with "from=". */
    AddressPatterns(String list) {
        for (String pattern : list.split(",", -1)) {
            boolean negated = pattern.startsWith("!");
            patterns.add(new One(negated, pattern(negated ? pattern.substring(1) : pattern)));
        }
    }

    private static Predicate<InetAddress> pattern(String pattern) {
        if (WILD.matcher(pattern).matches()) {
            Predicate<String> text = Pattern.compile(WILDCARD.matcher(pattern.replace(".", "\\."))
                            .replaceAll(wild -> wild.group().replace("*", ".*").replace('?', '.')))
                    .asMatchPredicate();
            return address -> text.test(address.getHostAddress());
        }
        try {
            return AddressRange.of(pattern)::contains;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "from= takes addresses, networks and wildcards in IPv4 addresses, but one of its patterns "
                            + e.getMessage(),
                    e);
        }
    }

    boolean allow(@Nullable InetAddress address) {
        return address != null
                && patterns.stream().noneMatch(each -> each.negated && each.pattern.test(address))
                && patterns.stream().anyMatch(each -> !each.negated && each.pattern.test(address));
    }
}
