@NullMarked
package dev.mooring.activation.internal;

import org.jspecify.annotations.NullMarked;
