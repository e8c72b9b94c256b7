# Starts Mooring and its peers in the background, each on free ports of 127.0.0.1. They write only below $work.
#
#   start puts the port into port[PROTOCOL.CONTESTANT] and the process into pid[CONTESTANT]; stop ends one, stop_all all.
#
# All serve $files to $user, who logs in with the password $password or the key $work/key.

declare -A port=() pid=()
files=$work/files
user=$(id -un)
password=secret

free_ports() { # COUNT
  perl -MSocket -e 'for (1 .. $ARGV[0]) {
    socket(my $s, AF_INET, SOCK_STREAM, 0); bind($s, pack_sockaddr_in(0, INADDR_LOOPBACK));
    push @s, $s; print((sockaddr_in(getsockname($s)))[0], "\n") }' "$1"
}

jdk() { # FEATURE: the home of that version
  local home
  for home in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*; do
    if grep -qs "^JAVA_VERSION=\"$1[.\"]" "$home/release"; then echo "$home"; return; fi
  done
}

# With --unit each contestant has a session, as Mooring's unit has: Linux shares the processors among sessions first (sched(7), autogroup).
launch() { # NAME COMMAND…
  local name=$1
  shift
  [ -z "$unit" ] || set -- setsid "$@"
  : > "$work/$name.log"
  "$@" >> "$work/$name.log" 2>&1 &
  pid[$name]=$!
}

# Waits until the contestant listens. It does not connect, because the first connection starts Mooring.
listening() { # PORT NAME
  local pattern deadline=$((SECONDS + 30))
  printf -v pattern ':%04X 00000000:0000 0A' "$1"
  until grep -q "$pattern" /proc/net/tcp; do
    [ $SECONDS -lt $deadline ] && kill -0 "${pid[$2]}" 2>/dev/null || { progress "$2 does not listen: $(cat "$work/$2.log")"; return 1; }
    sleep 0.05
  done
}

stop() { # NAME
  if [ "$1" = mooring ] && [ -n "$unit" ]; then
    systemctl stop "mooring-bench*.socket" mooring-bench.service
    unset "pid[mooring]"
    return
  fi
  kill "${pid[$1]}" 2>/dev/null || true
  wait "${pid[$1]}" 2>/dev/null || true
  unset "pid[$1]"
}

stop_all() {
  local name
  for name in "${!pid[@]}"; do stop "$name"; done
}

# The tree that all serve: 1k.bin, 256m.bin, small/ with 2,000 files of 1 KiB, and in/ for uploads.
make_files() {
  [ ! -d "$files" ] || return 0
  mkdir "$files" "$files/small" "$files/in"
  chmod 777 "$files/in" # vsftpd writes as another user
  head -c 268435456 /dev/urandom > "$files/256m.bin"
  head -c 1024 /dev/urandom > "$files/1k.bin"
  head -c 2048000 /dev/urandom | (cd "$files/small" && split -a 4 -b 1024 -d)
  find "$files" -type f -exec touch -d '1 hour ago' {} +
  ssh-keygen -q -t ecdsa -N '' -C '' -f "$work/key"
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$work/host_ed25519"
  ssh-keygen -q -t ecdsa -N '' -C '' -f "$work/host_ecdsa"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null
}

password_file() { # the line of $user in a password file
  perl -e 'print "$ARGV[0]:", crypt($ARGV[1], "\$6\$benchmark\$"), "\n"' "$user" "$password"
}

# The shipped runtime with seven sockets. The first connection starts it. Its limits are raised, so that it accepts 500 sessions.
start_mooring() {
  local ports name names=http:https:sftp:ftp:ftp-data:ftp-data:ftp-data conf=$work/conf listen=()
  mapfile -t ports < <(free_ports 7)
  for name in "${ports[@]}"; do listen+=(-l "127.0.0.1:$name"); done
  mkdir -p "$conf"
  password_file > "$work/passwords"
  chmod 600 "$work/passwords"
  printf 'root = %s\nread.only = false\n' "$files" > "$conf/dev.mooring.share-default.cfg"
  printf 'passwords = %s\nauthorized.keys = %s\n' "$work/passwords" "$work/key.pub" > "$conf/dev.mooring.accounts-default.cfg"
  printf 'idle.timeout = 600\n' > "$conf/dev.mooring.http-bench.cfg"
  printf 'idle.timeout = 600\nsockets.target = (socket.name=https)\ntls.certificate = %s\ntls.key = %s\n' "$work/tls.pem" "$work/tls.key" \
    > "$conf/dev.mooring.http-tls.cfg"
  printf 'host.key.directory = %s\nmax.sessions.per.address = 1000\n' "$work/host-keys" > "$conf/dev.mooring.sftp-bench.cfg"
  printf 'tls = allowed\ntls.certificate = %s\ntls.key = %s\nsessions = 1000\nsessions.per.address = 1000\n' \
    "$work/tls.pem" "$work/tls.key" > "$conf/dev.mooring.ftp-bench.cfg"
  port[http.mooring]=${ports[0]} port[https.mooring]=${ports[1]} port[sftp.mooring]=${ports[2]} port[ftp.mooring]=${ports[3]}
  if [ -n "$unit" ]; then
    start_unit "$conf" "${ports[@]}"
    return
  fi
  launch mooring systemd-socket-activate "${listen[@]}" --fdname=$names ${JAVA_HOME:+-E JAVA_HOME="$JAVA_HOME"} \
    ${MOORING_JAVA_OPTIONS:+-E MOORING_JAVA_OPTIONS="$MOORING_JAVA_OPTIONS"} \
    "$runtime/bin/mooring" --conf "$conf" --cache "$work/cache"
  listening "${ports[6]}" mooring
}

# Prints the shipped mooring.service with another command.
shipped_unit() { # COMMAND [OPTION of sed]…
  sed -e "s|^ExecStart=.*|ExecStart=$1|" -e '/^ConfigurationDirectory=/d' "${@:2}" "$runtime/systemd/mooring.service"
}

# The same under the shipped mooring.service. Only the paths differ, and the directories that it may write.
start_unit() { # CONF PORT…
  local conf=$1 units=/run/systemd/system names=(http https sftp ftp ftp-data ftp-data ftp-data) i
  shift
  sed -i '/^host.key.directory/d' "$conf/dev.mooring.sftp-bench.cfg"
  chmod 644 "$work/passwords" "$work/tls.key" "$conf"/*
  : > "$work/mooring.log"
  shipped_unit "$runtime/bin/mooring --conf $conf" -e 's/Directory=mooring$/&-bench/' > $units/mooring-bench.service
  printf '%s\n' "ReadWritePaths=$files" "StandardError=append:$work/mooring.log" "Environment=\"JAVA_HOME=${JAVA_HOME:-}\"" \
    "Environment=\"MOORING_JAVA_OPTIONS=${MOORING_JAVA_OPTIONS:-}\"" >> $units/mooring-bench.service
  for name in http https sftp ftp ftp-data; do
    printf '[Socket]\nFileDescriptorName=%s\nService=mooring-bench.service\n' "$name" > "$units/mooring-bench-$name.socket"
  done
  for i in "${!names[@]}"; do
    shift $((i > 0))
    printf 'ListenStream=127.0.0.1:%s\n' "$1" >> "$units/mooring-bench-${names[i]}.socket"
  done
  systemctl daemon-reload
  systemctl start mooring-bench-{http,https,sftp,ftp,ftp-data}.socket
  curl -sS --max-time 60 -o /dev/null "http://127.0.0.1:${port[http.mooring]}/" || { progress "mooring does not serve: $(cat "$work/mooring.log")"; return 1; }
  pid[mooring]=$(systemctl show --property=MainPID --value mooring-bench.service)
}

nginx_conf() { # NAME PORT [OPTIONS of listen; and more directives] [another PORT for TLS and HTTP/2]
  mkdir -p "$work/$1"
  cat > "$work/$1/nginx.conf" <<CONF
worker_processes auto; daemon off; pid $work/$1/pid; error_log $work/$1/error.log;
events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; keepalive_timeout 600; types { }
  default_type application/octet-stream; client_body_temp_path $work/$1/b; proxy_temp_path $work/$1/p;
  fastcgi_temp_path $work/$1/f; uwsgi_temp_path $work/$1/u; scgi_temp_path $work/$1/s;
  server { listen 127.0.0.1:$2 ${3:-}; ${4:+listen 127.0.0.1:$4 ssl http2; ssl_certificate $work/tls.pem; ssl_certificate_key $work/tls.key;} root $files; } }
CONF
}

start_nginx() {
  read -r -d '' "port[http.nginx]" "port[https.nginx]" < <(free_ports 2) || true
  nginx_conf nginx "${port[http.nginx]}" '' "${port[https.nginx]}"
  launch nginx nginx -p "$work/nginx" -c "$work/nginx/nginx.conf"
  listening "${port[http.nginx]}" nginx
}

sshd_conf() { # writes $work/sshd_config
  [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd # as its unit does
  cat > "$work/sshd_config" <<CONF
HostKey $work/host_ed25519
HostKey $work/host_ecdsa
AuthorizedKeysFile $work/key.pub
PidFile none
StrictModes no
UsePAM no
MaxStartups 1000
Subsystem sftp internal-sftp -d $files
CONF
}

start_sshd() {
  port[sftp.sshd]=$(free_ports 1)
  sshd_conf
  launch sshd "$(command -v sshd)" -D -e -f "$work/sshd_config" -o "ListenAddress=127.0.0.1:${port[sftp.sshd]}"
  listening "${port[sftp.sshd]}" sshd
}

vsftpd_conf() { # FILE LINE…
  mkdir -p "$work/empty"
  cat - <(printf '%s\n' "${@:2}") > "$1" <<CONF
background=NO
anonymous_enable=YES
anon_root=$files
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
secure_chroot_dir=$work/empty
xferlog_enable=NO
max_per_ip=0
ssl_enable=YES
allow_anon_ssl=YES
force_local_logins_ssl=NO
force_local_data_ssl=NO
rsa_cert_file=$work/tls.pem
rsa_private_key_file=$work/tls.key
ssl_ciphers=HIGH
CONF
  [ "$(id -u)" -eq 0 ] || echo run_as_launching_user=YES >> "$1"
}

start_vsftpd() {
  port[ftp.vsftpd]=$(free_ports 1)
  vsftpd_conf "$work/vsftpd.conf" listen=YES listen_address=127.0.0.1 "listen_port=${port[ftp.vsftpd]}"
  launch vsftpd vsftpd "$work/vsftpd.conf"
  listening "${port[ftp.vsftpd]}" vsftpd
}

start_rclone() { # PROTOCOL [PORT]: http or sftp; a free port by default
  local options=()
  port[$1.rclone]=${2:-$(free_ports 1)}
  [ "$1" != sftp ] || options=(--user "$user" --authorized-keys "$work/key.pub" --key "$work/host_ed25519" --key "$work/host_ecdsa")
  launch rclone rclone serve "$1" "$files" --addr "127.0.0.1:${port[$1.rclone]}" --config "$work/rclone.conf" \
    --cache-dir "$work/rclone" "${options[@]}"
  listening "${port[$1.rclone]}" rclone
}

start() { # CONTESTANT PROTOCOL
  "start_$1" "$2" # only rclone uses the protocol
}
