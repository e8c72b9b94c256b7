@NullMarked
package dev.mooring.sftp.internal;

import org.jspecify.annotations.NullMarked;
