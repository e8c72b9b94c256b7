# Time from a connection, which starts the process, to the first byte; and the memory of the process afterwards.
# rclone cannot be activated: its time runs from its start until it answers a client that tries all the time.
make_files
rounds=${ROUNDS:-21}

jdk() { # FEATURE: the home of that version
  local home
  for home in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*; do
    if grep -qs "^JAVA_VERSION=\"$1[.\"]" "$home/release"; then echo "$home"; return; fi
  done
}

declare -A home=()
contestants=()
for feature in 25 17; do
  home[$feature]=$(jdk $feature)
  [ -n "${home[$feature]}" ] || { say "There is no JDK $feature; it is left out."; say; continue; }
  contestants+=("modules-$feature" "felix-$feature")
done

# Each configuration has one protocol, because only one socket is passed.
for protocol in http sftp; do
  mkdir -p "$work/cold-$protocol"
  printf 'root = %s\n' "$files" > "$work/cold-$protocol/dev.mooring.share-default.cfg"
done
printf 'sockets.target = (socket.name=http)\n' > "$work/cold-http/dev.mooring.http-bench.cfg"
printf 'host.key.directory = %s\n' "$work/host-keys" > "$work/cold-sftp/dev.mooring.sftp-bench.cfg"
printf '%s:%s\n' "$user" "$(perl -e 'print crypt($ARGV[0], "\$6\$benchmark\$")' "$password")" > "$work/cold-passwords"
chmod 600 "$work/cold-passwords"
printf 'passwords = %s\n' "$work/cold-passwords" > "$work/cold-sftp/dev.mooring.accounts-default.cfg"

for contestant in "${contestants[@]}"; do
  for protocol in http sftp; do
    progress "making the archive of $contestant for $protocol"
    JAVA_HOME=${home[${contestant#*-}]} MOORING_RUNTIME=${contestant%-*} "$runtime/bin/mooring" --archive --conf "$work/cold-$protocol" >&2
  done
done
have rclone rclone && contestants+=(rclone)
peer=rclone

cold() { # CONTESTANT MEASURE
  local protocol=$2 memory=
  [ "$protocol" != memory ] || { protocol=http; memory=3; }
  export LOG=$work/cold.log PATH_ASKED=/1k.bin MEMORY=$memory
  case $1 in
    rclone)
      local options=()
      [ "$protocol" != sftp ] || options=(--user "$user" --authorized-keys "$work/key.pub" --key "$work/host_ed25519")
      result=$(perl "$here/lib/cold.pl" "$protocol" spawned rclone serve "$protocol" "$files" --addr 127.0.0.1:PORT \
        --config "$work/rclone.conf" --cache-dir "$work/rclone" "${options[@]}") ;;
    *)
      result=$(JAVA_HOME=${home[${1#*-}]} MOORING_RUNTIME=${1%-*} perl "$here/lib/cold.pl" "$protocol" activated \
        "$runtime/bin/mooring" --conf "$work/cold-$protocol" --cache "$work/cold-cache") ;;
  esac
}

title[http]='HTTP, µs' title[sftp]='SFTP banner, µs' title[memory]='resident after one request, KiB'
measures=(http sftp memory)
take_turns 1 cold
forget
measures=(http sftp)
take_turns "$rounds" cold
measures=(memory)
take_turns 3 cold
measures=(http sftp memory)
report "Cold: from a connection, which starts the process, to the first byte; $rounds rounds, in turns (3 for memory)"

if [ -e "$work/http.$peer" ]; then
  say "| times $peer | HTTP | SFTP banner |"
  say "|---|---|---|"
  for contestant in "${contestants[@]}"; do
    [ "$contestant" != $peer ] || continue
    cells=
    for measure in http sftp; do
      cells+=" | $(printf '**%.2f**' "$(paste "$work/$measure.$contestant" "$work/$measure.$peer" | awk '{print $1 / $2}' | quantile 0.5)")"
    done
    say "| $contestant$cells |"
  done
  say
fi
say "The whole distribution, compressed, without an archive: $(($(stat -c %s "$root/runtime-config/target/mooring.tar.gz") / 1024)) KiB."
say
