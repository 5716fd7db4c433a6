#!/bin/bash -eu
# The same build as for OSS-Fuzz.
bash -eu "$SRC/anytls-ref/fuzz/oss-fuzz/build.sh"
