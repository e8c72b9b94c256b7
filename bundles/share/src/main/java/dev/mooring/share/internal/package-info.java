@NullMarked
package dev.mooring.share.internal;

import org.jspecify.annotations.NullMarked;
