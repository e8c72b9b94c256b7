# SFTP: a large file and many small ones, both ways, with OpenSSH's client and its default configuration.
have sftp openssh-client || return 0
make_files
contestants=(mooring)
! have sshd openssh-server || contestants+=(sshd)
! have rclone rclone || contestants+=(rclone)

client() { # CONTESTANT [OPTION…] COMMAND
  sftp -q -F none -i "$work/key" -o IdentitiesOnly=yes -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no \
    -o LogLevel=ERROR -P "${port[sftp.$1]}" "${@:2:$# - 2}" -b - "$user@127.0.0.1" <<< "${*: -1}"
}

# Every transfer is compared with its source.
transfer() { # CONTESTANT MEASURE
  local there=in/$1-$RANDOM$RANDOM here=$work/got # a new name each time, because rclone caches removed names
  case $2 in
    get) timed client "$1" "get 256m.bin $here"; cmp "$files/256m.bin" "$here" ;;
    get-aes) timed client "$1" -c aes128-gcm@openssh.com "get 256m.bin $here"; cmp "$files/256m.bin" "$here" ;;
    put) timed client "$1" "put $files/256m.bin $there"; cmp "$files/256m.bin" "$files/$there" ;;
    get-small) timed client "$1" "get -r small $here"; diff -r "$files/small" "$here" ;;
    put-small) timed client "$1" "put -r $files/small $there"; diff -r "$files/small" "$files/$there" ;;
  esac
  rm -rf "$here" "${files:?}/$there"
  case $2 in
    *-small) result=$(calculate %.0f "2000 / $result * 1e6") ;;
    *) result=$(calculate %.0f "268435456 / $result") ;;
  esac
}

# The first session of a fresh process, then its first transfer. systemd-socket-activate starts Mooring when it connects.
first() { # CONTESTANT MEASURE
  case $2 in
    session)
      [ -z "${pid[$1]:-}" ] || stop "$1"
      start "$1" sftp
      timed client "$1" pwd
      result=$((result / 1000)) ;;
    first-get) transfer "$1" get ;;
    second-get) transfer "$1" get ;;
  esac
}

title=([session]='first session, ms' [first-get]='first get, MB/s' [second-get]='second get, MB/s'
  [get]='get 256 MiB, MB/s' [put]='put 256 MiB, MB/s' [get-aes]='get 256 MiB with aes128-gcm, MB/s'
  [get-small]='get 2,000 × 1 KiB, files/s' [put-small]='put 2,000 × 1 KiB, files/s')

mkdir -p "$work/host-keys"
start_mooring
client mooring pwd > /dev/null # makes the host keys
measures=(session first-get second-get)
take_turns $(((rounds + 1) / 2)) first
report "SFTP, cold: a fresh process, 256 MiB, $(((rounds + 1) / 2)) rounds, in turns"

measures=(get put get-aes get-small put-small)
take_turns 2 transfer # warms up
forget
take_turns "$rounds" transfer
report "SFTP, warm: OpenSSH's \`sftp\`, from its start to its end, $rounds rounds, in turns"
say "Ciphers that \`sftp\` and the server agree on:$(for contestant in "${contestants[@]}"; do
  printf ' %s %s' "$contestant" "$(client "$contestant" -v -o LogLevel=DEBUG pwd 2>&1 | sed -n 's/.*server->client cipher: \([^ ]*\).*/\1/p')"
done)."
say
