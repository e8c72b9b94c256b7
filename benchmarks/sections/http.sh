# HTTP: a small file and a large one, plain, over TLS and over HTTP/2; a tree that is larger than Mooring's cache; many downloads at once; latency at a
# constant rate. SECONDS_EACH (5) is the length of a turn.
have wrk wrk || return 0
seconds=${SECONDS_EACH:-5}
make_files
[ -e "$files/1m.bin" ] || head -c 1048576 /dev/urandom > "$files/1m.bin"
if [ ! -e "$files/tree" ]; then
  mkdir "$files/tree"
  head -c 80000000 /dev/urandom | (cd "$files/tree" && split -a 4 -b 20000 -d - f)
  find "$files/tree" -type f -exec touch -d '1 hour ago' {} +
fi
contestants=(mooring)
measures=(http-1k tree http-256m https-1k https-256m)
title=([http-1k]='1 KiB, requests/s' [tree]='any of 4,000 files of 20 KB, requests/s' [http-256m]='256 MiB, GB/s'
  [https-1k]='TLS, 1 KiB, requests/s' [https-256m]='TLS, 256 MiB, GB/s'
  [h2-1k]='HTTP/2, 1 KiB, requests/s' [h2-256m]='HTTP/2, 256 MiB, GB/s' [downloads]='1,000 downloads of 1 MiB at once, MB/s'
  [max]='most, requests/s' [p50]='50 %, µs' [p99]='99 %, µs' [p99.9]='99.9 %, µs')
! have h2load nghttp2-client || measures+=(h2-1k h2-256m downloads)
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
{
  cat "$work/wrk.lua"
  echo 'request = function() return wrk.format("GET", string.format("/tree/f%04d", math.random(0, 3999))) end'
} > "$work/requests.lua"

# wrk, 32 connections. Puts requests and bytes a second into `result` and `rate`.
load() { # URL [SCRIPT]
  local requests bytes microseconds errors
  read -r _ requests bytes microseconds errors < <(wrk -t1 -c32 -d"${seconds}s" -s "${2:-$work/wrk.lua}" "$1" | grep ^RESULT)
  [ "$errors" -eq 0 ] || progress "$1: $errors errors"
  result=$(calculate %.0f "$requests / $microseconds * 1e6")
  rate=$(calculate %.3f "$bytes / $microseconds / 1e3")
}

# h2load. Puts requests and bytes a second into `result` and `rate`; its unit of bytes is a power of 1024.
h2() { # ARGUMENT…
  local output
  output=$(h2load -t1 "$@")
  grep -q ' 0 failed, 0 errored, 0 timeout' <<< "$output" || progress "$*: $(grep '^requests:' <<< "$output")"
  read -r result rate < <(awk '/^finished in/ {sub(/s,/, "", $3); t = $3 ~ /m$/ ? $3 / 1000 : $3; r = $4; b = $6
    u = b ~ /GB/ ? 2^30 : b ~ /MB/ ? 2^20 : b ~ /KB/ ? 2^10 : 1; printf "%.0f %.3f\n", r, b * u / 1e9}' <<< "$output")
}

measure() { # CONTESTANT MEASURE
  local rate plain=http://127.0.0.1:${port[http.$1]} secure=https://127.0.0.1:${port[https.$1]:-}
  case $1.$2 in rclone.https* | rclone.h2*) return ;; esac # it would need a process of its own, and has no setting for HTTP/2
  case $2 in
    http-1k) load "$plain/1k.bin" ;;
    tree) load "$plain/" "$work/requests.lua" ;;
    http-256m) load "$plain/256m.bin"; result=$rate ;;
    https-1k) load "$secure/1k.bin" ;;
    https-256m) load "$secure/256m.bin"; result=$rate ;;
    h2-1k) h2 -c32 -m8 -D"$seconds" "$secure/1k.bin" ;;
    h2-256m) h2 -c4 -m1 -n16 "$secure/256m.bin"; result=$rate ;;
    downloads) h2 --h1 -c1000 -n1000 "$plain/1m.bin"; result=$(calculate %.0f "$rate * 1000") ;;
  esac
}

take_turns 2 measure # warms up
forget
take_turns "$rounds" measure
report "HTTP, keep-alive, 32 connections (\`wrk -t1 -c32\`; HTTP/2: \`h2load -c32 -m8\`, \`-c4 -m1\`), $rounds rounds of $seconds s, in turns"

# Latency at half of the rate that the slowest contestant reaches with the same client.
constant() { # CONTESTANT MEASURE
  local reached p50 p99 p999
  read -r reached p50 p99 p999 < <("$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$root/benchmarks/target/classes" \
    dev.mooring.benchmarks.OpenLoop "${port[http.$1]}" /1k.bin "$speed" "$seconds")
  case $2 in
    max) result=$reached ;;
    *) echo "$p99" >> "$work/p99.$1"; echo "$p999" >> "$work/p99.9.$1"; result=$p50 ;;
  esac
}
[ -e "$work/http-1k.nginx" ] && contestants=(mooring nginx)
measures=(max) speed=0
take_turns 3 constant
speed=$(for contestant in "${contestants[@]}"; do quantile 0.5 < "$work/max.$contestant"; done | sort -g | awk 'NR == 1 {print int($1 / 2)}')
measures=(p50) seconds=$((2 * seconds))
take_turns 1 constant
measures=(p50 p99 p99.9)
forget
measures=(p50)
take_turns "$rounds" constant
measures=(max p50 p99 p99.9)
report "HTTP, 1 KiB, latency from the moment at which a request is due, 32 kept connections, $speed requests/s (half of what the slower one reaches with this client), $rounds rounds of $seconds s"
