# What the scripts for the benchmarks share. To be read by them, not run.
# A round is one process that measures the rows of the gate.

ROUNDS=${ROUNDS:-9}
ROUND_FLAGS=${ROUND_FLAGS:---gate --time 0.2 --samples 150}
# For all rows, once.
BENCH_FLAGS=${BENCH_FLAGS:---time 0.3 --samples 20}
child=

die() {
    echo "$name: $*" >&2
    exit 2
}

interrupted() {
    [ -z "$child" ] || kill "$child" 2>/dev/null
    echo "$name: interrupted; nothing was saved" >&2
    exit 130
}

# Removes what is half done, also when interrupted. $work is the folder for that; $half may name
# another one.
work_begin() {
    work=$(mktemp -d) || die "cannot make a temporary folder"
    half=$work/half
    trap 'rm -rf "$work" "$half"' EXIT
    trap interrupted HUP INT TERM
}

# measure PROGRAM OPTION ...: its messages go to a log. It runs beside this script, which can be
# interrupted meanwhile.
measure() {
    program=$1
    shift
    "$program" "$@" 2>"$work/log" &
    child=$!
    wait "$child"
    code=$?
    child=
    [ "$code" -eq 0 ] || die "${program##*/} failed: $(tail -n 1 "$work/log")"
}

# round PROGRAM FILE
round() {
    # shellcheck disable=SC2086
    measure "$1" $ROUND_FLAGS --json "$2" >/dev/null
}

# settled TABLE: whether nothing in it looks worse, or is too noisy to say.
settled() {
    ! grep -qE ' (worse|too noisy to say)$' "$1"
}

name_check() {
    case $1 in
    '') die "give the baseline's name, as in NAME=main" ;;
    *[!A-Za-z0-9._-]* | .*) die "NAME=$1: use letters, digits, dots, dashes and underscores" ;;
    esac
}

threshold_check() {
    printf '%s\n' "$1" | grep -qE '^[0-9]*\.?[0-9]+$' ||
        die "THRESHOLD=$1: give a share, such as 0.05"
}
