# FTP: a large file both ways with curl, also over TLS, and many small ones with lftp.
have curl curl || return 0
make_files
contestants=(mooring)
measures=(get put get-tls)
start_mooring
! have vsftpd vsftpd || { start_vsftpd; contestants+=(vsftpd); }
! have rclone rclone || { start_rclone ftp; contestants+=(rclone); }
! have lftp lftp || measures+=(get-small put-small)
declare -A login=([mooring]=$user:$password [vsftpd]=anonymous:x [rclone]=$user:$password)
title=([get]='get 256 MiB, MB/s' [put]='put 256 MiB, MB/s' [get-tls]='get 256 MiB over TLS, MB/s'
  [get-small]='get 2,000 × 1 KiB, files/s' [put-small]='put 2,000 × 1 KiB, files/s')

# Four times the same over one connection, so that the login does not count.
curl_times() { # CONTESTANT OPTION…
  curl -sS -u "${login[$1]}" "${@:2}"
}

mirror() { # CONTESTANT ARGUMENT…
  lftp -c "set ftp:ssl-allow no; open -u ${login[$1]/:/,} ftp://127.0.0.1:${port[ftp.$1]}; mirror --no-perms ${*:2}"
}

transfer() { # CONTESTANT MEASURE
  local there=put-$1-$RANDOM$RANDOM here=$work/got url=ftp://127.0.0.1:${port[ftp.$1]} i
  local four=()
  case $2 in
    get*) for i in 1 2 3 4; do four+=(-o /dev/null "$url/256m.bin"); done ;;
    put) for i in 1 2 3 4; do four+=(-T "$files/256m.bin" "$url/$there"); done ;;
  esac
  case $2 in
    get) timed curl_times "$1" "${four[@]}" ;;
    get-tls)
      [ "$1" != rclone ] || return 0 # it has TLS from the first byte only, or none
      timed curl_times "$1" --ssl-reqd -k "${four[@]}" ;;
    put) timed curl_times "$1" "${four[@]}"; cmp "$files/256m.bin" "$files/$there" ;;
    get-small) timed mirror "$1" small "$here"; diff -r "$files/small" "$here" ;;
    put-small) timed mirror "$1" -R "$files/small" "$there"; diff -r "$files/small" "$files/$there" ;;
  esac
  rm -rf "$here" "${files:?}/$there"
  case $2 in
    *-small) result=$(calculate %.0f "2000 / $result * 1e6") ;;
    *) result=$(calculate %.0f "4 * 268435456 / $result") ;;
  esac
}

for contestant in "${contestants[@]}"; do # curl throws away what it gets when it is timed
  curl_times "$contestant" "ftp://127.0.0.1:${port[ftp.$contestant]}/256m.bin" | cmp - "$files/256m.bin"
done
take_turns 2 transfer # warms up
forget
take_turns "$rounds" transfer
report "FTP: \`curl\`, four transfers a connection; \`lftp mirror\`, from its start to its end; $rounds rounds, in turns"
