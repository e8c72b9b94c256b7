# Whole tasks of a client whose connection starts the server: from the client's start until it has one file of 1 KiB and has ended. Then the time to the
# first byte, and the memory of the process.
#
# Peers are what an administrator would activate instead: sshd and vsftpd with a process a connection (Accept=yes), nginx with the socket that it inherits.
# Debian's rclone cannot be activated: its time runs from its own start, and the client starts once it accepts. If ACTIVATED_RCLONE names a program that
# lib/activated-rclone has built, that one is a contestant too; with --unit it runs under the same unit as Mooring.
have curl curl || return 0
make_files
rounds=${ROUNDS:-21}

declare -A home=()
contestants=()
for feature in 25 17; do
  home[$feature]=$(jdk $feature)
  [ -n "${home[$feature]}" ] || { say "There is no JDK $feature; it is left out."; say; continue; }
  contestants+=("modules-$feature" "felix-$feature")
done
own=("${contestants[@]}")
! have rclone rclone || contestants+=(rclone)
if [ -n "${ACTIVATED_RCLONE:-}" ]; then
  contestants+=(rclone-activated)
  install -m 755 "$ACTIVATED_RCLONE" "$work/rclone-activated" # the unit does not see /tmp
fi
! have nginx nginx-light || contestants+=(nginx)
! have sshd openssh-server || contestants+=(sshd)
! have vsftpd vsftpd || contestants+=(vsftpd)
tasks=(http https)
! have sftp openssh-client || tasks+=(sftp-key sftp-password)
! have lftp lftp || tasks+=(ftp ftps)
title=([http]='HTTP, ms' [https]='HTTPS, ms' [sftp-key]='SFTP by key, ms' [sftp-password]='SFTP by password, ms' [ftp]='FTP, ms' [ftps]='FTPS, ms'
  [first-http]='HTTP, ms' [first-sftp-key]='SFTP banner, ms' [first-ftp]='FTP greeting, ms'
  [memory-http]='after HTTP, KiB' [memory-https]='after HTTPS, KiB' [memory-sftp-key]='after SFTP, KiB' [memory-ftp]='after FTP, KiB')

takes_part() { # CONTESTANT TASK
  case $1.$2 in
    modules-* | felix-* | nginx.http* | vsftpd.ftp* | sshd.sftp-key | rclone*.http* | rclone*.sftp*) ;;
    *) false ;;
  esac
}

# The configuration of Mooring for a task.
configure() { # TASK
  local conf=$work/cold-$1 server=$work/cold-$1/dev.mooring.${1%%[s-]*}-bench.cfg
  case $1 in sftp*) server=$conf/dev.mooring.sftp-bench.cfg ;; esac
  mkdir "$conf"
  printf 'root = %s\n' "$files" > "$conf/dev.mooring.share-default.cfg"
  : > "$server"
  case $1 in ftp*) echo 'anonymous = true' > "$server" ;; esac # as vsftpd, which cannot know $user
  case $1 in https | ftps) printf 'tls.certificate = %s\ntls.key = %s\n' "$work/tls.pem" "$work/tls.key" >> "$server" ;; esac
  case $1 in
    sftp-key) printf 'passwords = %s\nauthorized.keys = %s\n' "$work/cold-passwords" "$work/key.pub" > "$conf/dev.mooring.accounts-default.cfg" ;;
    sftp-password | ftp*) printf 'passwords = %s\n' "$work/cold-passwords" > "$conf/dev.mooring.accounts-default.cfg" ;;
  esac
}

# Puts into `server` the command that serves a task, and into `mode` how cold.pl starts it. The files of the peers' configurations are made here.
command_of() { # CONTESTANT TASK
  local tls=
  mode=activated
  case $1 in
    modules-* | felix-*)
      server=(env "JAVA_HOME=${home[${1#*-}]}" "MOORING_RUNTIME=${1%-*}" "MOORING_ARCHIVES=$work/archives-$2"
        "$runtime/bin/mooring" --conf "$work/cold-$2" --cache "$work/cold-cache") ;;
    nginx)
      [ "$2" = http ] || tls="ssl; ssl_certificate $work/tls.pem; ssl_certificate_key $work/tls.key"
      nginx_conf "nginx-$2" "${port[$2.nginx]}" "$tls"
      server=("$(command -v nginx)" -p "$work/nginx-$2" -c "$work/nginx-$2/nginx.conf") ;;
    sshd) mode=accepted server=("$(command -v sshd)" -i -f "$work/sshd_config") ;;
    vsftpd) mode=accepted server=("$(command -v vsftpd)" "$work/vsftpd-accepted.conf") ;;
    rclone*)
      server=("$work/rclone-activated")
      [ "$1" = rclone-activated ] || mode=spawned server=(rclone)
      server+=(serve "${2%%-*}" "$files" --addr "127.0.0.1:${port[$2.$1]}" --config "$work/rclone.conf" --cache-dir "$work/rclone")
      case $2 in
        https) server[2]=http server+=(--cert "$work/tls.pem" --key "$work/tls.key") ;;
        sftp-key) server+=(--user "$user" --authorized-keys "$work/key.pub" --key "$work/host_rclone") ;;
        sftp-password) server+=(--user "$user" --pass "$password" --key "$work/host_rclone") ;;
      esac ;;
  esac
}

# The units of a contestant for a task: the shipped mooring.service with its sandbox, also for rclone, or a plain service for another peer.
units_of() { # CONTESTANT TASK
  local name=cold-$1-$2 directory=/run/systemd/system socket
  socket=$directory/$name.socket
  printf '[Socket]\nListenStream=127.0.0.1:%s\nFileDescriptorName=%s\nTriggerLimitIntervalSec=0\n' "${port[$2.$1]}" "${names[$2]%%:*}" > "$socket"
  case $mode.$1 in
    activated.nginx) printf '[Service]\nExecStart=%s\nEnvironment=NGINX=3;\n' "${server[*]}" > "$directory/$name.service" ;;
    activated.rclone-activated)
      shipped_unit "${server[*]}" -e '/^WatchdogSec=/d; s/^Type=notify/Type=exec/' > "$directory/$name.service" ;;
    activated.*)
      shipped_unit "$runtime/bin/mooring --conf $work/cold-$2" > "$directory/$name.service"
      printf 'Environment="%s"\n' "${server[@]:1:3}" >> "$directory/$name.service"
      case $2 in ftp*)
        printf '[Socket]\nListenStream=127.0.0.1:%s\nListenStream=127.0.0.1:%s\nFileDescriptorName=ftp-data\nService=%s.service\n' $(free_ports 2) "$name" \
          > "$directory/$name-data.socket"
        printf '[Unit]\nRequires=%s-data.socket\n' "$name" >> "$socket" ;;
      esac ;;
    accepted.*)
      printf 'Accept=yes\nMaxConnections=1000\n' >> "$socket"
      printf '[Service]\nExecStart=-%s\nStandardInput=socket\n' "${server[*]}" > "$directory/$name@.service" ;;
  esac
}

password_file > "$work/cold-passwords"
chmod 644 "$work/cold-passwords" "$work/tls.key"
install -m 644 "$work/host_ed25519" "$work/host_rclone"
printf '#!/bin/sh\necho %s\n' "$password" > "$work/askpass"
chmod 755 "$work/askpass"
sshd_conf
vsftpd_conf "$work/vsftpd-accepted.conf" 'listen=NO'
declare -A names=([http]=http [https]=http [sftp-key]=sftp [sftp-password]=sftp [ftp]=ftp:ftp-data:ftp-data [ftps]=ftp:ftp-data:ftp-data)
sockets=()
for task in "${tasks[@]}"; do
  configure "$task"
  for contestant in "${contestants[@]}"; do
    takes_part "$contestant" "$task" || continue
    port[$task.$contestant]=$(free_ports 1)
    command_of "$contestant" "$task"
    case $contestant in modules-* | felix-*)
      progress "making the archive of $contestant for $task"
      "${server[@]:0:4}" "$runtime/bin/mooring" --archive --conf "$work/cold-$task" >&2 ;;
    esac
    [ -n "$unit" ] && [ "$mode" != spawned ] || continue
    units_of "$contestant" "$task"
    sockets+=("cold-$contestant-$task.socket")
  done
done
if [ -n "$unit" ]; then
  systemctl daemon-reload
  systemctl start "${sockets[@]}"
fi

cold() { # CONTESTANT MEASURE
  local task=${2#*-} server mode client=() memory=
  case $2 in first-* | memory-*) ;; *) task=$2 ;; esac
  takes_part "$1" "$task" || return 0
  case $2.$1 in memory-*.sshd | memory-*.vsftpd) return ;; esac # their process ends with the connection
  command_of "$1" "$task"
  local number=${port[$task.$1]} sftp=(sftp -q -F none -o BatchMode=no -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR -b "$work/batch")
  rm -f "$work/got"
  printf 'get 1k.bin %s\n' "$work/got" > "$work/batch"
  case $2 in
    first-http) client=(first-byte $'GET /1k.bin HTTP/1.1\r\nHost: localhost\r\n\r\n' 'HTTP/1.1 200 ') ;;
    first-sftp-key) client=(first-byte '' SSH-2.0-) ;;
    first-ftp) client=(first-byte '' '220[ -]') ;;
    memory-*) memory=3 ;;&
    *http) client=(curl -sS -f -o "$work/got" "http://127.0.0.1:$number/1k.bin") ;;
    *https) client=(curl -sS -f -k -o "$work/got" "https://127.0.0.1:$number/1k.bin") ;;
    *sftp-key) client=("${sftp[@]}" -i "$work/key" -o IdentitiesOnly=yes -P "$number" "$user@127.0.0.1") ;;
    *sftp-password)
      client=(env SSH_ASKPASS="$work/askpass" SSH_ASKPASS_REQUIRE=force "${sftp[@]}" -o PubkeyAuthentication=no -P "$number" "$user@127.0.0.1") ;;
    # Not curl: while it waits for TLS on a data connection, it looks for replies once a second.
    *ftp) client=(lftp -c "set ftp:ssl-allow no; open -u anonymous,x ftp://127.0.0.1:$number; get 1k.bin -o $work/got") ;;
    *ftps) client=(lftp -c "set ftp:ssl-force yes; set ftp:ssl-protect-data yes; set ssl:verify-certificate no
      open -u anonymous,x ftp://127.0.0.1:$number; get 1k.bin -o $work/got") ;;
  esac
  [ -z "$unit" ] || [ "$mode" = spawned ] || { server=("cold-$1-$task$([ "$mode" = activated ] || echo '@*').service"); mode=unit; }
  result=$(LOG=$work/cold.log MEMORY=$memory perl "$here/lib/cold.pl" "$number" "$mode" "${names[$task]}" "${server[@]}" -- "${client[@]}") ||
    { tail -n 20 "$work/cold.log" >&2; return 1; }
  [ -n "$memory" ] || result=$(calculate %.1f "$result / 1000")
  case $2 in first-*) ;; *) cmp "$files/1k.bin" "$work/got" ;; esac
}

# The first start of a service makes its host keys, which takes longer than a session.
host_keys() { # CONTESTANT TASK
  local state=$work/cold-cache/state
  [ -z "$unit" ] || state=/var/lib/cold-$1-$2
  [ ! -e "$state/ssh_host_rsa_key" ] || return 0
  if [ -n "$unit" ]; then
    ssh-keyscan -T 60 -p "${port[$2.$1]}" 127.0.0.1 > "$work/cold.log" 2>&1
    until [ -e "$state/ssh_host_rsa_key" ]; do sleep 0.1; done
    systemctl stop "cold-$1-$2.service"
  else
    mkdir -p "$state"
    ssh-keygen -q -t ed25519 -N '' -C '' -f "$state/ssh_host_ed25519_key"
    ssh-keygen -q -t ecdsa -N '' -C '' -f "$state/ssh_host_ecdsa_key"
    ssh-keygen -q -t rsa -N '' -C '' -f "$state/ssh_host_rsa_key"
  fi
}
for task in "${tasks[@]}"; do
  for contestant in "${own[@]}"; do
    case $task in sftp*) host_keys "$contestant" "$task" ;; esac
  done
done

measures=("${tasks[@]}")
take_turns 1 cold
forget
take_turns "$rounds" cold
report "Cold: a whole task, from the client's start to its end; $rounds rounds, in turns"

# The medians of the rounds' ratios.
times() { # PEER TASK…
  local contestant task cells heading
  heading=$(for task in "${@:2}"; do printf ' | %s' "${title[$task]%, ms}"; done)
  say "| times $1$heading |"
  say "|---$(for task in "${@:2}"; do printf '|---'; done)|"
  for contestant in "${own[@]}"; do
    cells=
    for task in "${@:2}"; do
      if [ -e "$work/$task.$1" ] && [ -e "$work/$task.$contestant" ]; then
        cells+=" | $(printf '**%.2f**' "$(paste "$work/$task.$contestant" "$work/$task.$1" | awk '{print $1 / $2}' | quantile 0.5)")"
      else
        cells+=' | -'
      fi
    done
    say "| $contestant$cells |"
  done
  say
}
times rclone http https sftp-key sftp-password
[ -z "${ACTIVATED_RCLONE:-}" ] || times rclone-activated http https sftp-key sftp-password
times nginx http https
times sshd sftp-key
times vsftpd ftp ftps

measures=(first-http first-sftp-key first-ftp)
take_turns 1 cold
forget
take_turns "$rounds" cold
report "Cold: to the first byte; $rounds rounds, in turns"

measures=(memory-http memory-https memory-sftp-key memory-ftp)
take_turns 3 cold
report "Cold: resident memory 3 s after the task; 3 rounds"
say "The whole distribution, compressed, without an archive: $(($(stat -c %s "$root/runtime-config/target/mooring.tar.gz") / 1024)) KiB."
say
