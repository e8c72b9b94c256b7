# FTP: a large file both ways with curl, also over TLS, and many small ones with lftp. (Debian's rclone serves no FTP.)
have curl curl || return 0
make_files
contestants=(mooring)
measures=(get put get-tls)
start_mooring
! have vsftpd vsftpd || { start_vsftpd; contestants+=(vsftpd); }
! have lftp lftp || measures+=(get-small put-small)
declare -A login=([mooring]=$user:$password [vsftpd]=anonymous:x)
title=([get]='get 256 MiB, MB/s' [put]='put 256 MiB, MB/s' [get-tls]='get 256 MiB over TLS, MB/s'
  [get-small]='get 2,000 × 1 KiB, files/s' [put-small]='put 2,000 × 1 KiB, files/s')

# Microseconds of a transfer: the median of five over one connection, because curl sometimes waits a second for the last reply.
fetch() { # CONTESTANT ARGUMENT…
  result=$(curl -sS -u "${login[$1]}" -w '%{stderr}%{time_total}\n' "${@:2}" 2>&1 > "$work/fetched" | quantile 0.5)
  result=$(calculate %.0f "$result * 1e6")
}

# Does not set the times of files, because vsftpd does not let every user set them.
mirror() { # CONTESTANT ARGUMENT…
  timed lftp -c "set ftp:ssl-allow no; set ftp:use-feat no; set ftp:use-site-utime no; set ftp:use-site-utime2 no; open -u ${login[$1]/:/,} ftp://127.0.0.1:${port[ftp.$1]}; mirror --no-perms ${*:2}"
}

transfer() { # CONTESTANT MEASURE
  local there=in/$1-$RANDOM$RANDOM here=$work/got url=ftp://127.0.0.1:${port[ftp.$1]} i get=() put=()
  for i in 1 2 3 4 5; do get+=(-o /dev/null "$url/256m.bin") put+=(-T "$files/256m.bin" "$url/$there"); done
  case $2 in
    get) fetch "$1" "${get[@]}" ;;
    get-tls) fetch "$1" --ssl-reqd -k "${get[@]}" ;;
    put) fetch "$1" "${put[@]}"; cmp "$files/256m.bin" "$files/$there" ;;
    get-small) mirror "$1" small "$here"; diff -r "$files/small" "$here" ;;
    put-small) mirror "$1" -R "$files/small" "$there"; diff -r "$files/small" "$files/$there" ;;
  esac
  rm -rf "$here" "${files:?}/$there"
  case $2 in
    *-small) result=$(calculate %.0f "2000 / $result * 1e6") ;;
    *) result=$(calculate %.0f "268435456 / $result") ;;
  esac
}

for contestant in "${contestants[@]}"; do # the timed transfers discard the data
  fetch "$contestant" "ftp://127.0.0.1:${port[ftp.$contestant]}/256m.bin"
  cmp "$work/fetched" "$files/256m.bin"
done
take_turns 1 transfer # warms up: five transfers each
forget
take_turns "$rounds" transfer
report "FTP: \`curl\`, the median of five transfers over a connection; \`lftp mirror\`, from its start to its end; $rounds rounds, in turns"
