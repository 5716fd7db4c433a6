#!/bin/bash -eu
# Builds every fuzz target as OSS-Fuzz and ClusterFuzzLite want it: with CC, CFLAGS, CXX, CXXFLAGS,
# LIB_FUZZING_ENGINE, SANITIZER as they set them, from $SRC/anytls-ref into $OUT, in $WORK.
# $OUT gets NAME, NAME_seed_corpus.zip, NAME.dict and NAME.options.

cd "$SRC/anytls-ref"
B=$WORK/build
flags="-std=c11 -D_GNU_SOURCE -DANYTLS_VERSION=\"fuzz\" -Iref -Ispec/oracle"
mkdir -p "$B"
make -s B="$B" "$B/spec/oracle/tables.c"

# object SOURCE: compiled once
object() {
    local source=$1 out
    out=$WORK/o/$(echo "$source" | tr / _).o
    [ "$source" != spec/oracle/tables.c ] || source=$B/spec/oracle/tables.c
    if [ ! -f "$out" ]; then
        mkdir -p "$WORK/o"
        # shellcheck disable=SC2086 # flags are several words
        $CC $CFLAGS $flags -c "$source" -o "$out"
    fi
    objects+=("$out")
}

for target in $(make -s B="$B" fuzz-targets); do
    libraries=()
    if [ "$target" = blocking ]; then
        # A libcrypto that was not built for it makes the memory sanitizer useless.
        [ "${SANITIZER:-}" != memory ] || continue
        libraries=(-l:libcrypto.a -lpthread -ldl)
    fi
    objects=()
    for source in $(make -s B="$B" fuzz-sources T="$target"); do
        object "$source"
    done
    layout=$(awk -F '\t' -v t="$target" '$1 == t { print $2 }' fuzz/targets.tsv)
    # shellcheck disable=SC2086
    $CC $CFLAGS $flags -DFUZZ_LAYOUT="\"$layout\"" -c fuzz/mutator_libfuzzer.c -o "$WORK/$target.mutator.o"
    # AFL++ and honggfuzz have no LLVMFuzzerMutate, and ignore a mutator that is linked.
    mutator=("$WORK/$target.mutator.o")
    if [ "${FUZZING_ENGINE:-libfuzzer}" = libfuzzer ]; then
        object fuzz/mutator.c
        object fuzz/mutator_text.c
    else
        mutator=()
    fi
    # shellcheck disable=SC2086
    $CXX $CXXFLAGS "${objects[@]}" "${mutator[@]}" $LIB_FUZZING_ENGINE "${libraries[@]}" \
        -o "$OUT/$target"

    rm -f "$OUT/${target}_seed_corpus.zip"
    folders=("corpus/$target")
    [ ! -d "corpus/regressions/$target" ] || folders+=("corpus/regressions/$target")
    find "${folders[@]}" -type f | zip -q -j "$OUT/${target}_seed_corpus.zip" -@
    dictionary=fuzz/dict/$(awk -F '\t' -v t="$target" '$1 == t { print $3 }' fuzz/targets.tsv).dict
    [ ! -f "$dictionary" ] || cp "$dictionary" "$OUT/$target.dict"
    printf '[libfuzzer]\nmax_len = %s\nlen_control = 100\ntimeout = 25\n' \
        "$(awk -F '\t' -v t="$target" '$1 == t { print $4 }' fuzz/targets.tsv)" >"$OUT/$target.options"
done
