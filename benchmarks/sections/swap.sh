# HTTP while the server is replaced again and again, for 60 s (SECONDS_EACH) and at least once (SWAPS), each time a second after the last replacement has
# ended: 64 clients with a connection a request, 64 with kept connections. Mooring's bundle is replaced by a new jar, nginx reloads, rclone is restarted. Then
# the same load for the same time, at most 300 s, without a replacement. Before both, the same load for 20 s (WARM_UP): a process that has just started is slow
# without a swap too, and that would count as its cost.
seconds=${SECONDS_EACH:-60}
least=${SWAPS:-1}
warm_up=${WARM_UP:-20}
make_files
head -c 20000 /dev/urandom > "$files/20k.bin"
cp -r "$runtime" "$work/runtime"
runtime=$work/runtime
"$runtime/bin/mooring" --archive >&2 # an archive fits one directory
jar=("$root"/bundles/http/target/dev.mooring.http-*.jar)
contestants=(mooring)
start_mooring
! have nginx nginx-light || { start_nginx; contestants+=(nginx); }
! have rclone rclone || { start_rclone http; contestants+=(rclone); }

replaced() { grep -c 'is replaced by' "$work/mooring.log" || true; }

swap() { # CONTESTANT
  local before
  case $1 in
    mooring)
      before=$(replaced)
      cp "${jar[0]}" "$runtime/next"
      mv "$runtime/next" "$runtime/bundles/dev.mooring.http.jar"
      while [ "$(replaced)" -eq "$before" ]; do
        ! grep 'is not replaced by' "$work/mooring.log" >&2 || return 1
        sleep 0.1
      done ;;
    nginx) kill -HUP "${pid[nginx]}" ;;
    rclone) stop rclone; start_rclone http "${port[http.rclone]}" 9>&- ;; # it must not keep the input of the load open
  esac
}

load() { # CONTESTANT [SECONDS]: without SECONDS until its input ends
  "$java" -cp "$root/itests/target/test-classes" dev.mooring.itests.HttpLoad "${port[http.$1]}" /20k.bin "$files/20k.bin" ${2:+"$2"} > "$work/load"
}

row() { # CONTESTANT REPLACED: of the last load
  local requests failed longest most nearly
  read -r requests failed longest most nearly < "$work/load"
  say "| $1 | $2 | $requests | $failed | $longest | $nearly | $most |"
}

say "### HTTP, 128 clients, the server replaced again and again for $seconds s and at least $least times (SWAPS), $warm_up s after its start"
say
say "| | replaced | requests | failed | the longest, ms | 99.9 %, ms | 99 %, ms |"
say "|---|---|---|---|---|---|---|"
mkfifo "$work/input"
for contestant in "${contestants[@]}"; do
  load "$contestant" "$warm_up"
  load "$contestant" < "$work/input" &
  client=$! swaps=0
  exec 9> "$work/input"
  sleep 6 # the client warms up
  from=$SECONDS
  while [ $((SECONDS - from)) -lt "$seconds" ] || [ $swaps -lt "$least" ]; do
    kill -0 $client # it has not failed
    swap "$contestant"
    swaps=$((swaps + 1))
    sleep 1
  done
  exec 9>&-
  wait $client
  row "$contestant" $swaps
  load "$contestant" $((SECONDS - from < 300 ? SECONDS - from : 300))
  row "$contestant" 0
done
say
