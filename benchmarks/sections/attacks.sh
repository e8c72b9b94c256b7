# One address attacks, and an ordinary client of another address connects to each protocol in turn. Reports the median and the longest wait of the
# ordinary client, at rest and during each attack, with the limits of the shipped configuration. SECONDS_EACH (4) is the time for each protocol.
# HEAPS ("default 256m") lists the heaps. AFTER=60 also shows the resources of the process 60 s after each attack.
seconds=${SECONDS_EACH:-4}
make_files
attack() { # KIND PROTOCOL COUNT TARGET
  "$java" -cp "$root/itests/target/test-classes" dev.mooring.itests.Attack "$1" "${port[$2.mooring]}" "$3" "$4" "$seconds" \
    http "${port[http.mooring]}" sftp "${port[sftp.mooring]}" ftp "${port[ftp.mooring]}"
}

process() { # KEY: the value of a line of /proc/PID/status
  awk -v key="$1:" '$1 == key { print $2 }' "/proc/${pid[mooring]}/status"
}

say "### Attacks by one address: how long an ordinary client of another address waits, µs (median, longest)"
say
holds() { # resident memory of the process in MiB, threads, descriptors
  local process=/proc/${pid[mooring]}
  echo "$(($(process VmRSS) / 1024)), $(process Threads), $(ls "$process/fd" | wc -l)"
}

say "| heap | attack | HTTP | SFTP | FTP | connections | log lines | MiB resident, threads, descriptors${AFTER:+ | the same $AFTER s later} |"
say "|---|---|---|---|---|---|---|---|${AFTER:+---|}"
default_options=${MOORING_JAVA_OPTIONS:-}
for heap in ${HEAPS:-default 256m}; do
  MOORING_JAVA_OPTIONS="$default_options"
  [ $heap = default ] || MOORING_JAVA_OPTIONS="$default_options -Xmx$heap"
  rm -rf "$work/cache" "$work/conf"
  start_mooring
  # The limits as shipped; start_mooring raises them.
  sed -i '/^sessions/d' "$work/conf/dev.mooring.ftp-bench.cfg"
  sed -i '/^max.sessions/d' "$work/conf/dev.mooring.sftp-bench.cfg"
  attack none http 0 /1k.bin > /dev/null # warms up
  for each in "none http 0 /1k.bin" "flood http 4 /1k.bin" "flood sftp 4 /1k.bin" "flood ftp 4 /1k.bin" "idle sftp 500 /1k.bin" \
    "idle ftp 500 /1k.bin" "unread http 2300 /256m.bin" \
    "idle http 10000 /1k.bin" "idle sftp 10000 /1k.bin" "idle ftp 10000 /1k.bin" "unread http 5000 /256m.bin"; do
    read -r kind protocol count target <<< "$each"
    lines=$(wc -l < "$work/mooring.log")
    read -r http1 http2 sftp1 sftp2 ftp1 ftp2 made < <(attack "$kind" "$protocol" "$count" "$target" 2>> "$work/attack.log")
    lines=$(($(wc -l < "$work/mooring.log") - lines)) ended=$(holds) later=
    if [ -n "${AFTER:-}" ] && [ "$kind" != none ]; then
      sleep "$AFTER"
      later=" $(holds) |"
    fi
    say "| $heap | $kind $([ "$kind" = none ] || echo "$protocol $count") | $http1, $http2 | $sftp1, $sftp2 | $ftp1, $ftp2 | $made | $lines | $ended |$later"
  done
  stop mooring
done
MOORING_JAVA_OPTIONS=$default_options
say
[ ! -s "$work/attack.log" ] || { progress "Some clients were not served:"; sort "$work/attack.log" | uniq -c >&2; }
