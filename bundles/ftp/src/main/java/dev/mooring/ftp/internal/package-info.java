@NullMarked
package dev.mooring.ftp.internal;

import org.jspecify.annotations.NullMarked;
