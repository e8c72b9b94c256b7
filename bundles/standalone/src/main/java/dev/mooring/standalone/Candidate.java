package dev.mooring.standalone;

import java.util.Map;

/** A service that a server may use, and the properties for filters. */
record Candidate<T>(T what, Map<String, ?> properties) {}
