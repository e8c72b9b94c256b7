package dev.mooring.standalone;

import java.util.Map;

/** A service that a server may use, with the properties that filters match. */
record Candidate<T>(T what, Map<String, ?> properties) {}
