# HTTP: a small file and a large one, keep-alive, 32 connections. SECONDS_EACH (5) is the length of a turn.
have wrk wrk || return 0
seconds=${SECONDS_EACH:-5}
make_files
contestants=(mooring)
measures=(1k.bin 256m.bin)
title[1k.bin]='1 KiB file, requests/s'
title[256m.bin]='256 MiB file, GB/s'
start_mooring
! have nginx nginx-light || { start_nginx; contestants+=(nginx); }
! have rclone rclone || { start_rclone http; contestants+=(rclone); }
cat > "$work/wrk.lua" <<'LUA'
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d\n", summary.requests, summary.bytes, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout))
end
LUA

load() { # CONTESTANT FILE
  local requests bytes microseconds errors
  read -r _ requests bytes microseconds errors < <(
    wrk -t1 -c32 -d"${seconds}s" -s "$work/wrk.lua" "http://127.0.0.1:${port[http.$1]}/$2" | grep ^RESULT)
  [ "$errors" -eq 0 ] || progress "$1 $2: $errors errors"
  case $2 in
    1k.bin) result=$(calculate %.0f "$requests / $microseconds * 1e6") ;;
    256m.bin) result=$(calculate %.3f "$bytes / $microseconds / 1e3") ;;
  esac
}

take_turns 2 load # warms up
forget
take_turns "$rounds" load
report "HTTP, keep-alive, 32 connections (\`wrk -t1 -c32\`), $rounds rounds of $seconds s, in turns"
