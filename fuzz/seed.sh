#!/bin/sh
# Fills the corpus of each target with the small files of tests/data.
set -eu
cd "$(dirname "$0")"
for target in zkey wtns r1cs; do
    mkdir -p "corpus/$target"
    for folder in ../tests/data/*/; do
        for file in "$folder"*."$target"; do
            # Longer than -max_len, it would be cut.
            if [ -f "$file" ] && [ "$(wc -c < "$file")" -le 8192 ]; then
                cp "$file" "corpus/$target/$(basename "$folder")-$(basename "$file")"
            fi
        done
    done
done
for target in proof verification_key; do
    mkdir -p "corpus/$target"
    for folder in ../tests/data/*/; do
        if [ -f "$folder$target.json" ]; then
            cp "$folder$target.json" "corpus/$target/$(basename "$folder").json"
        fi
    done
done
mkdir -p corpus/stark_proof corpus/stark_program corpus/stark_trace
cp ../tests/data/stark/*.bin corpus/stark_proof/
cp ../tests/data/stark/*.zair corpus/stark_program/
cp ../tests/data/stark/*.npy corpus/stark_trace/
mkdir -p corpus/certificate
cp ../tests/data/statement/certificate.json corpus/certificate/
# Edits of the proofs that the target knows: place, bytes cut, bytes put. The second three are of provekit's, whose
# hints begin at 15504.
mkdir -p corpus/spartan_proof
printf '\0\0\0\0\0' > corpus/spartan_proof/nothing
printf '\10\0\0\0\1\1' > corpus/spartan_proof/root
printf '\0\4\0\0\40' > corpus/spartan_proof/cut
printf '\0\0\0\200\0' > corpus/spartan_proof/provekit_nothing
printf '\220\74\0\200\1\1' > corpus/spartan_proof/provekit_count
printf '\0\100\0\200\40' > corpus/spartan_proof/provekit_cut
