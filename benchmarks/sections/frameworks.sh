# A start of the same bundles in plain Felix and in plain Equinox: those of mooring-osgi.zip, without an archive of classes. "New storage" begins with an
# empty directory, as Mooring's own runtime does; "kept storage" with that of an earlier process, which has ended cleanly. The tests of the pages
# download Equinox: run the test command of README.md before.
have curl curl && have unzip unzip || return 0
equinox=("$root"/itests/target/frameworks/org.eclipse.osgi-*.jar)
[ -e "${equinox[0]}" ] || { say "Equinox is not in itests/target/frameworks and is left out; run the test command of README.md."; say; }
make_files
mkdir "$work/osgi" "$work/osgi-conf"
(cd "$work/osgi" && unzip -q "$root/runtime-config/target/mooring-osgi.zip")
printf 'root = %s\n' "$files" > "$work/osgi-conf/dev.mooring.share-default.cfg"
: > "$work/osgi-conf/dev.mooring.http-bench.cfg"
bundles=(dev.mooring.activation org.apache.felix.configadmin org.apache.felix.fileinstall org.osgi.util.function org.osgi.util.promise
  org.osgi.service.component org.apache.felix.scr dev.mooring.common dev.mooring.share dev.mooring.accounts dev.mooring.protocol dev.mooring.http)
options=("@$runtime/conf/jvm.options" -Dfelix.fileinstall.dir="$work/osgi-conf" -Dfelix.fileinstall.filter='.*\.cfg' -Dfelix.fileinstall.noInitialDelay=true
  -Dfelix.fileinstall.poll=1000 -Dfelix.fileinstall.log.level=2 -Dfelix.fileinstall.enableConfigSave=false -Dds.loglevel=warn)
{
  printf 'felix.auto.start.1 ='
  for name in "${bundles[@]}"; do printf ' "file:%s/osgi/bundle/%s.jar"' "$work" "$name"; done
  printf '\nfelix.log.level = 1\nfelix.service.urlhandlers = false\n'
} > "$work/felix.properties"
{
  printf 'eclipse.ignoreApp = true\nosgi.noShutdown = true\nosgi.bundles.defaultStartLevel = 1\nosgi.startLevel = 1\nosgi.bundles = '
  for name in "${bundles[@]}"; do printf 'reference:file:%s/osgi/bundle/%s.jar@start,' "$work" "$name"; done
  printf '\n'
} > "$work/config.ini"

contestants=(felix)
[ ! -e "${equinox[0]}" ] || contestants+=(equinox)
measures=(fresh kept)
title=([fresh]='HTTP, new storage, ms' [kept]='HTTP, kept storage, ms')
declare -A number=([felix]=$(free_ports 1) [equinox]=$(free_ports 1))

# Puts the command of a framework with its storage into `server`.
framework() { # CONTESTANT STORAGE
  server=("$home/bin/java" "${options[@]}")
  case $1 in
    felix)
      server+=("-Dfelix.config.properties=file:$work/felix.properties" "-Dorg.osgi.framework.storage=$2" -cp "$runtime/lib/org.apache.felix.main.jar"
        org.apache.felix.main.Main) ;;
    equinox)
      mkdir -p "$2"
      cp "$work/config.ini" "$2"
      server+=("-Dosgi.configuration.area=file:$2/" -jar "${equinox[0]}") ;;
  esac
}

starts() { # CONTESTANT MEASURE
  local server storage=$work/storage
  rm -rf "$storage"
  [ "$2" = fresh ] || cp -r "$work/kept-$1" "$storage"
  framework "$1" "$storage"
  result=$(LOG=$work/osgi.log perl "$here/lib/cold.pl" "${number[$1]}" activated http "${server[@]}" -- \
    curl -sS -f -o "$work/got" "http://127.0.0.1:${number[$1]}/1k.bin") || { tail -n 20 "$work/osgi.log" >&2; return 1; }
  cmp "$files/1k.bin" "$work/got"
  result=$(calculate %.1f "$result / 1000")
}

for feature in 25 17; do
  home=$(jdk $feature)
  [ -n "$home" ] || { say "There is no JDK $feature; it is left out."; say; continue; }
  for contestant in "${contestants[@]}"; do
    # The storage that is kept: of a process that has served once and was ended by a signal.
    rm -rf "$work/storage" "$work/kept-$contestant"
    framework "$contestant" "$work/storage"
    launch "$contestant" systemd-socket-activate -l "127.0.0.1:${number[$contestant]}" --fdname=http "${server[@]}"
    listening "${number[$contestant]}" "$contestant"
    curl -sS -f -o /dev/null "http://127.0.0.1:${number[$contestant]}/1k.bin"
    stop "$contestant"
    mv "$work/storage" "$work/kept-$contestant"
  done
  take_turns 1 starts
  forget
  take_turns "$rounds" starts
  report "Cold: one file of 1 KiB over HTTP from plain frameworks with the same bundles, JDK $feature, $rounds rounds, in turns"
  forget
done
