# Cost of 500 (COUNT) idle sessions of each protocol. One round, because memory does not drift as speed does.
make_files
count=${COUNT:-500} loaded=10

family() { # PID: it and its descendants
  local child
  echo "$1"
  for child in $(cat "/proc/$1/task/"*/children); do family "$child"; done
}

cost() { # CONTESTANT: its processes, threads, KiB of PSS and bytes of heap
  local process processes=0 threads=0 kib=0 heap=0
  [ "$1" != mooring ] || heap=$(heap_in_use "${pid[$1]}")
  for process in $(family "${pid[$1]}"); do
    processes=$((processes + 1))
    threads=$((threads + $(awk '/^Threads/ {print $2}' "/proc/$process/status")))
    kib=$((kib + $(awk '/^Pss:/ {print $2}' "/proc/$process/smaps_rollup")))
  done
  echo "$processes $threads $kib $heap"
}

hold() { # PROTOCOL CONTESTANT COUNT: opens sessions; stop_all ends them
  local client=client-$1-$2-$3 login=("$user" "$password")
  [ "$2" != vsftpd ] || login=(anonymous x)
  launch "$client" "$java" -cp "$here/target/classes:$(cat "$here/target/classpath")" dev.mooring.benchmarks.Idle \
    "$1" "${port[$1.$2]}" "$3" "${login[@]}" "$work/key"
  until grep -q '^open$' "$work/$client.log"; do
    kill -0 "${pid[$client]}" 2>/dev/null || { progress "$1 $2: $(cat "$work/$client.log" "$work/$2.log")"; return 1; }
    sleep 0.05
  done
}

idle() { # PROTOCOL CONTESTANT…
  local protocol=$1 contestant
  shift
  for contestant in "$@"; do start "$contestant" "$protocol"; done
  for contestant in "$@"; do hold "$protocol" "$contestant" $loaded; done
  sleep 11 # idle threads end after 10 s
  for contestant in "$@"; do cost "$contestant" > "$work/before.$contestant"; done
  for contestant in "$@"; do
    progress "$count $protocol sessions with $contestant"
    hold "$protocol" "$contestant" $count
  done
  sleep 11
  for contestant in "$@"; do
    paste -d' ' <(cost "$contestant") "$work/before.$contestant" | awk -v n=$count -v who="$protocol, $contestant" '{
      printf "| %s | %.1f | %g | %g | %s |\n", who, ($3 - $7) / n, ($1 - $5) / n, ($2 - $6) / n, $4 ? sprintf("%.0f", ($4 - $8) / n) : "" }'
  done
  stop_all
}

http=(mooring) sftp=(mooring) ftp=(mooring)
! have nginx nginx-light || http+=(nginx)
! have sshd openssh-server || sftp+=(sshd)
! have vsftpd vsftpd || ftp+=(vsftpd)
! have rclone rclone || { http+=(rclone); sftp+=(rclone); }
say "### $count idle sessions, beyond the first $loaded: cost of each"
say
say "| | KiB of memory (PSS) | processes | threads | bytes of heap |"
say "|---|---|---|---|---|"
idle http "${http[@]}"
idle sftp "${sftp[@]}"
idle ftp "${ftp[@]}"
say
