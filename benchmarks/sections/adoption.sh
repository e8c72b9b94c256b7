# Cost of opening a duplicate of an inherited socket, and of accepting through one, with JMH.
progress "JMH"
"$java" -cp "$here/target/classes:$(cat "$here/target/classpath")" org.openjdk.jmh.Main Adoption \
  -rf csv -rff "$work/jmh.csv" > "$work/jmh.log"
say "### Adopting a socket (JMH, opened JDK, µs an operation)"
say
say "| benchmark | channel | µs | ± (99.9 %) |"
say "|---|---|---|---|"
awk -F, 'NR > 1 {gsub(/"/, ""); sub(/.*\./, "", $1); printf "| %s | %s | %.2f | %.2f |\n", $1, $8, $5, $6}' "$work/jmh.csv"
say
