@NullMarked
package dev.mooring.http.internal;

import org.jspecify.annotations.NullMarked;
