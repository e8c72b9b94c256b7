# HTTP while the server is replaced again and again for 60 s (SECONDS_EACH), a second after the last replacement has ended: 64 clients with a connection a
# request, 64 with kept connections. Mooring's bundle is replaced by a new jar, nginx reloads, rclone is restarted. Before that, the same load without a
# replacement.
seconds=${SECONDS_EACH:-60}
make_files
head -c 20000 /dev/urandom > "$files/20k.bin"
cp -r "$runtime" "$work/runtime"
runtime=$work/runtime
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
      while [ "$(replaced)" -eq "$before" ] && kill -0 $client 2>/dev/null; do sleep 0.1; done ;;
    nginx) kill -HUP "${pid[nginx]}" ;;
    rclone) stop rclone; start_rclone http "${port[http.rclone]}" ;;
  esac
}

load() { # CONTESTANT SECONDS
  "$java" -cp "$root/itests/target/test-classes" dev.mooring.itests.HttpLoad "${port[http.$1]}" /20k.bin "$files/20k.bin" "$2"
}

say "### HTTP, 128 clients, the server replaced again and again for $seconds s"
say
say "| | replaced | requests | failed | the longest, ms | 99 %, ms |"
say "|---|---|---|---|---|---|"
for contestant in "${contestants[@]}"; do
  load "$contestant" "$seconds" > "$work/load"
  read -r requests failed longest most < "$work/load"
  say "| $contestant | 0 | $requests | $failed | $longest | $most |"
  load "$contestant" "$seconds" > "$work/load" &
  client=$! swaps=0
  sleep 6 # the client warms up
  while kill -0 $client 2>/dev/null; do
    swap "$contestant"
    swaps=$((swaps + 1))
    sleep 1
  done
  wait $client
  read -r requests failed longest most < "$work/load"
  say "| $contestant | $swaps | $requests | $failed | $longest | $most |"
done
say
