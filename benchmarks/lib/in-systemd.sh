# Runs this script again in a temporary systemd, and exits with its status. Builds outside, because files that are written inside are lost.
[ -n "${BUILT:-}" ] || mvn -B -ntp -q -f "$root/pom.xml" -pl benchmarks,itests -am -DskipTests -Dspotless.check.skip=true package >&2
"$runtime/bin/mooring" --archive >&2
state=$(mktemp -u "${TMPDIR:-/tmp}/mooring-bench-systemd.XXXXXX")
sandbox=$root/itests/src/test/resources/systemd-sandbox
coproc booted { exec "$sandbox" up "$state"; }
read -r -u "${booted[0]}" up && [ "$up" = up ] || exit 77
status=0
"$sandbox" exec "$state" env BUILT=yes HEAPS="${HEAPS:-}" AFTER="${AFTER:-}" ACTIVATED_RCLONE="${ACTIVATED_RCLONE:-}" ROUNDS="${ROUNDS:-}" SWAPS="${SWAPS:-}" SECONDS_EACH="${SECONDS_EACH:-}" JAVA_HOME="${JAVA_HOME:-}" \
  MOORING_JAVA_OPTIONS="${MOORING_JAVA_OPTIONS:-}" "$here/run" --unit "$@" || status=$?
"$sandbox" down "$state"
exit $status
