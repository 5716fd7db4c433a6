# What the scripts for the benchmarks share. To be read by them, not run.
# A round is one process that measures the rows of the gate.

ROUNDS=${ROUNDS:-9}
ROUND_FLAGS=${ROUND_FLAGS:---gate --time 0.3 --samples 150}

die() {
    echo "$name: $*" >&2
    exit 2
}

# Removes what is half done, also when interrupted. $work is the folder for that.
work_begin() {
    work=$(mktemp -d) || die "cannot make a temporary folder"
    trap 'rm -rf "$work" ${half-}' EXIT
    trap 'echo "$name: interrupted; nothing was saved" >&2; exit 130' INT TERM
}

# round PROGRAM FILE
round() {
    # shellcheck disable=SC2086
    "$1" $ROUND_FLAGS --json "$2" >"$work/log" 2>&1 && return
    tail -n 1 "$work/log" >&2
    die "$1 failed; no result was written"
}

name_check() {
    case $1 in
    '') die "give the baseline's name, as in NAME=main" ;;
    *[!A-Za-z0-9._-]* | .*) die "NAME=$1: use letters, digits, dots, dashes and underscores" ;;
    esac
}
