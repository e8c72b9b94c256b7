# 1,000 inherited sockets beside one: the time to publish them, and the heap in use after a collection.
contestants=(1 1000)
measures=(ms)
mkdir -p "$work/no-conf"

start_with() { # COUNT
  local from to line out heap
  rm -rf "$work/cache"
  coproc started {
    exec "$root/itests/src/test/resources/activate" "x=tcp4*$1" -- "$runtime/bin/mooring" --conf "$work/no-conf" --cache "$work/cache" 2>&1
  }
  pid[mooring]=$started_PID
  exec {out}<&"${started[0]}"
  while IFS= read -ru "$out" line; do [ -n "$line" ] || break; done # the ports
  from=${EPOCHREALTIME/[.,]/}
  while IFS= read -ru "$out" line; do case $line in *"Sockets published"*) break ;; esac; done
  to=${EPOCHREALTIME/[.,]/}
  while IFS= read -ru "$out" line; do case $line in *"No bundle uses "*) break ;; esac; done # everything is loaded by then
  heap=$(heap_in_use "${pid[mooring]}")
  stop mooring
  exec {out}<&-
  result=$(((to - from) / 1000))
  echo "$heap" >> "$work/heap.$1"
}

take_turns "$rounds" start_with
say "### 1,000 inherited sockets (whole runtime, exec to \"Sockets published\", $rounds rounds, in turns)"
say
say "| sockets | ms to published | heap in use, bytes | raw ms |"
say "|---|---|---|---|"
for count in 1 1000; do
  say "| $count | $(quantile 0.5 < "$work/ms.$count") | $(quantile 0.5 < "$work/heap.$count") | $(paste -sd' ' "$work/ms.$count") |"
done
say
say "- beyond the start with one: $(calculate %.0f "$(quantile 0.5 < "$work/ms.1000") - $(quantile 0.5 < "$work/ms.1")") ms; a socket: $(
  calculate %.0f "($(quantile 0.5 < "$work/heap.1000") - $(quantile 0.5 < "$work/heap.1")) / 999") bytes of heap"
say
