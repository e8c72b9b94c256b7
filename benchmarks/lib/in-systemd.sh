# Runs this script again in a temporary systemd, and exits with its status. Builds outside, because files that are written inside are lost.
[ -n "${BUILT:-}" ] || mvn -B -ntp -q -f "$root/pom.xml" -pl benchmarks,itests -am -DskipTests -Dspotless.check.skip=true package >&2
"$runtime/bin/mooring" --archive >&2
state=$(mktemp -u "${TMPDIR:-/tmp}/mooring-bench-systemd.XXXXXX")
sandbox=$root/itests/src/test/resources/systemd-sandbox
coproc booted { exec "$sandbox" up "$state"; }
read -r -u "${booted[0]}" up && [ "$up" = up ] || exit 77
status=0
mapfile -d '' variables < <(env -0)
"$sandbox" exec "$state" env "${variables[@]}" BUILT=yes "$here/run" --unit "$@" || status=$?
"$sandbox" down "$state"
exit $status
