package dev.mooring.standalone;

import java.util.Map;

/** What a server may be tied to, and the properties that filters go by. */
record Candidate<T>(T what, Map<String, ?> properties) {}
