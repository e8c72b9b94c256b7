# How a section measures and reports. A section sets the arrays
#
#   contestants   names; the first is compared with each of the others
#   measures      names, and for each a heading in title[MEASURE] with the unit
#
# and has a function that puts one figure of a contestant into `result`, or nothing if the contestant does not take part.

declare -A title=()
contestants=() measures=() result=

say() { printf '%s\n' "$*"; }
progress() { printf '%s\n' "$*" >&2; }

# Whether a tool is installed. Names a missing one in the report.
have() { # TOOL PACKAGE
  command -v "$1" >/dev/null || { say "$1 is not installed and is left out; run \`apt install $2\` or \`benchmarks/run --install\`."; say; false; }
}

# Runs a command; puts its duration in microseconds into `result`.
timed() {
  local from=${EPOCHREALTIME/[.,]/}
  "$@" > /dev/null
  result=$((${EPOCHREALTIME/[.,]/} - from))
}

# Prints a number that awk calculates: calculate FORMAT EXPRESSION
calculate() { awk "BEGIN {printf \"$1\", $2}"; }

# A quantile of the numbers on standard input: 0.5 is the median.
quantile() {
  sort -g | awk -v p="$1" '{v[NR] = $1}
    END {x = 1 + p * (NR - 1); i = int(x); printf "%.10g\n", i < NR ? v[i] + (x - i) * (v[i + 1] - v[i]) : v[NR]}'
}

# All contestants take turns at all measures. Another one begins each round.
take_turns() { # ROUNDS FUNCTION: calls the function with contestant and measure
  local round measure i contestant
  for ((round = 0; round < $1; round++)); do
    for measure in "${measures[@]}"; do
      for ((i = 0; i < ${#contestants[@]}; i++)); do
        contestant=${contestants[(round + i) % ${#contestants[@]}]}
        result=
        "$2" "$contestant" "$measure"
        [ -z "$result" ] || echo "$result" >> "$work/$measure.$contestant"
        progress "$((round + 1))/$1 $measure $contestant $result"
      done
    done
  done
}

# Discards the figures of the warm-up.
forget() {
  local measure
  for measure in "${measures[@]}"; do rm -f "$work/$measure".*; done
}

# Prints medians with quartiles, medians of the rounds' ratios, and the raw figures.
report() { # HEADING
  local contestant measure cells first=${contestants[0]}
  row() { # NAME FUNCTION [BOLD]: a cell for each measure, a dash where there is no figure
    cells=
    for measure in "${measures[@]}"; do
      [ -e "$work/$measure.$contestant" ] && [ -e "$work/$measure.$first" ] && cells+=" | $("$2")" || cells+=" | -"
    done
    say "| $1$cells |"
  }
  figures() {
    local file=$work/$measure.$contestant
    echo "$(quantile 0.5 < "$file") ($(quantile 0.25 < "$file")-$(quantile 0.75 < "$file"))"
  }
  ratio() { printf '**%.2f**' "$(paste "$work/$measure.$first" "$work/$measure.$contestant" | awk '{print $1 / $2}' | quantile 0.5)"; }
  say "### $1"
  say
  say "|$(for measure in "${measures[@]}"; do printf ' | %s' "${title[$measure]}"; done) |"
  say "|---$(for measure in "${measures[@]}"; do printf '|---'; done)|"
  for contestant in "${contestants[@]}"; do row "$contestant" figures; done
  for contestant in "${contestants[@]:1}"; do row "$first / $contestant" ratio; done
  say
  say "Medians with quartiles; a ratio is the median of the rounds' ratios. Raw:"
  say
  for measure in "${measures[@]}"; do
    for contestant in "${contestants[@]}"; do
      [ ! -e "$work/$measure.$contestant" ] || say "- ${title[$measure]}, $contestant: $(paste -sd' ' "$work/$measure.$contestant")"
    done
  done
  say
}

# Prints the bytes of a JVM's heap that are in use after a collection.
heap_in_use() { # PID
  "${java%java}jcmd" "$1" GC.run > /dev/null
  "${java%java}jcmd" "$1" GC.class_histogram | awk '/^Total/ {print $3}'
}
