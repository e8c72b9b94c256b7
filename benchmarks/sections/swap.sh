# HTTP while the server is replaced once a second for 60 s (SECONDS_EACH): 64 clients with a connection a request, 64 with kept connections.
# Mooring's bundle is replaced by a new jar, nginx reloads, rclone is restarted. Before that, the same load without a replacement.
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

swap() { # CONTESTANT
  case $1 in
    mooring) cp "${jar[0]}" "$runtime/next" && mv "$runtime/next" "$runtime/bundles/dev.mooring.http.jar" ;;
    nginx) kill -HUP "${pid[nginx]}" ;;
    rclone) stop rclone; start_rclone http "${port[http.rclone]}" ;;
  esac
}

load() { # CONTESTANT SECONDS
  "$java" -cp "$root/itests/target/test-classes" dev.mooring.itests.HttpLoad "${port[http.$1]}" /20k.bin "$files/20k.bin" "$2"
}

say "### HTTP, 128 clients, the server replaced once a second for $seconds s"
say
say "| | replaced | requests | failed | the longest, ms |"
say "|---|---|---|---|---|"
for contestant in "${contestants[@]}"; do
  load "$contestant" "$seconds" > "$work/load"
  read -r requests failed longest < "$work/load"
  say "| $contestant | 0 | $requests | $failed | $longest |"
  load "$contestant" "$seconds" > "$work/load" &
  client=$! swaps=0
  sleep 6 # the client warms up
  [ "$contestant" != mooring ] || before=$(grep -c 'is replaced by' "$work/mooring.log" || true)
  while kill -0 $client 2>/dev/null; do
    swap "$contestant"
    swaps=$((swaps + 1))
    sleep 1
  done
  wait $client
  [ "$contestant" != mooring ] || swaps=$(($(grep -c 'is replaced by' "$work/mooring.log") - before))
  read -r requests failed longest < "$work/load"
  say "| $contestant | $swaps | $requests | $failed | $longest |"
done
say
