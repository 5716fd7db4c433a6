# For the scripts of this folder; they run at the top of the project, with the build folder in B.
# shellcheck shell=sh
set -u

B=${B:-build}

# column TARGET NUMBER: from targets.tsv
column() {
    awk -F '\t' -v target="$1" -v number="$2" '$1 == target { print $number }' fuzz/targets.tsv
}

fail() {
    echo "$*" >&2
    exit 1
}

# sources_of TARGET: its files, and those of ref/ that it reaches, as the linker says, with all that
# they include. The oracle is not among them: it is what the code is compared with.
sources_of() {
    ${MAKE:-make} -s --no-print-directory "$B/libanytls-ref.a" >&2 || return
    own=$(${MAKE:-make} -s --no-print-directory fuzz-sources T="$1" | tr ' ' '\n' |
        grep -v '^spec/\|^ref/core/')
    reached=$(${CC:-cc} -w -std=c11 -D_GNU_SOURCE -DANYTLS_VERSION='""' -Iref -Ispec/oracle -r \
        -nostdlib $own "$B/libanytls-ref.a" -Wl,--trace,--trace -o /dev/null |
        sed -n 's|^(.*libanytls-ref\.a)\(.*\)\.o$|ref/core/\1.c|p' |
        while read -r file; do [ ! -f "$file" ] || echo "$file"; done)
    rules=$(${CC:-cc} -Iref -Ispec/oracle -MM $own $reached) || return
    echo "$rules" | tr -d '\\' | tr ' ' '\n' |
        grep '\.[ch]$' | grep -v '^spec/' | sort -u
}

# What a result is true of: those files, without comments, contracts and layout.
code_of() {
    sources=$(sources_of "$1") || fail "$1: its sources are not known: make"
    cat $sources | ${CC:-cc} -fpreprocessed -dD -E -P -x c - |
        tr -s '[:space:]' ' ' | sha256sum | cut -c 1-12
}

# Which processor a job runs on: AFL++ is twice as fast when it stays on one.
pinned() {
    number=$1
    shift
    if taskset -c $((number % $(nproc))) true 2>/dev/null; then
        taskset -c $((number % $(nproc))) "$@"
    else
        "$@"
    fi
}

# Adds a line to fuzz/RUNS.tsv: target engine seconds executions executions/s edges finds
record() {
    if [ ! -s fuzz/RUNS.tsv ]; then
        printf 'target\tengine\tcode\tseconds\texecutions\texecutions/s\tedges\tfinds\n' >fuzz/RUNS.tsv
    fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$(code_of "$1")" "$3" "$4" "$5" "$6" "$7" \
        >>fuzz/RUNS.tsv
}

# The inputs in a folder that an engine kept because they crashed, leaked, hung or took all memory.
finds_in() {
    find "$1" -type f \( -path '*crash*' -o -path '*leak-*' -o -path '*timeout-*' -o -path '*oom-*' \
        -o -path '*/hangs/*' \) ! -name README.txt 2>/dev/null
}

# corpus_to FOLDER TARGET: the seeds of a target, or one empty line where there are none
corpus_to() {
    mkdir -p "$1"
    find "corpus/$2" -type f -exec cp {} "$1" \; 2>/dev/null
    [ -n "$(ls -A "$1")" ] || echo >"$1/empty"
}
