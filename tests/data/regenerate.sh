#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Rebuilds everything in this folder from the circom sources: needs Node 20
# and npm, takes a few minutes. The ceremony draws fresh randomness that is
# not kept, so keys and proofs differ from run to run; r1cs, inputs and
# witnesses do not. Intermediate files stay in .work; a finished
# .work/final.ptau is used again (delete .work to start from nothing).
set -euo pipefail
cd "$(dirname "$0")"

# Fixed, therefore no randomness at all: a beacon only in form.
beacon=7a6b696c6e206669787475726520626561636f6e000000000000000000000000
circuits=(multiplier full_domain hash_chain merkle range ledger)

random() { node -e 'console.log(require("node:crypto").randomBytes(64).toString("hex"))'; }
snarkjs() { node node_modules/snarkjs/build/cli.cjs "$@" >>.work/log 2>&1; }

mkdir -p .work
: >.work/log
trap 'status=$?; [ "$status" = 0 ] || { echo "failed; the end of .work/log:" >&2; tail -n 20 .work/log >&2; }' EXIT

echo "tools"
npm ci --no-audit --no-fund >>.work/log 2>&1

if [ ! -f .work/final.ptau ]; then
    echo "powers of tau, 2^12"
    snarkjs powersoftau new bn128 12 .work/0.ptau
    snarkjs powersoftau contribute .work/0.ptau .work/1.ptau --name="zkiln fixture 1" -e="$(random)"
    snarkjs powersoftau contribute .work/1.ptau .work/2.ptau --name="zkiln fixture 2" -e="$(random)"
    snarkjs powersoftau beacon .work/2.ptau .work/3.ptau "$beacon" 10 --name="zkiln fixture beacon"
    snarkjs powersoftau prepare phase2 .work/3.ptau .work/prepared.ptau
    snarkjs powersoftau verify .work/prepared.ptau
    mv .work/prepared.ptau .work/final.ptau
    rm .work/[0-3].ptau
fi

node inputs.mjs

for name in "${circuits[@]}"; do
    echo "$name"
    work=.work/$name
    rm -rf "$work"
    mkdir -p "$work" "$name"

    node node_modules/circom2/cli.js "circuits/$name.circom" --r1cs --wasm --O1 -o "$work" >>.work/log 2>&1
    cp "$work/$name.r1cs" "$name/circuit.r1cs"

    snarkjs wtns calculate "$work/${name}_js/$name.wasm" "$name/input.json" "$name/witness.wtns"
    snarkjs wtns check "$name/circuit.r1cs" "$name/witness.wtns"

    snarkjs groth16 setup "$name/circuit.r1cs" .work/final.ptau "$work/0.zkey"
    snarkjs zkey contribute "$work/0.zkey" "$work/1.zkey" --name="zkiln fixture 1" -e="$(random)"
    snarkjs zkey contribute "$work/1.zkey" "$work/2.zkey" --name="zkiln fixture 2" -e="$(random)"
    snarkjs zkey beacon "$work/2.zkey" "$name/circuit.zkey" "$beacon" 10 --name="zkiln fixture beacon"
    snarkjs zkey verify "$name/circuit.r1cs" .work/final.ptau "$name/circuit.zkey"
    snarkjs zkey export verificationkey "$name/circuit.zkey" "$name/verification_key.json"

    snarkjs groth16 prove "$name/circuit.zkey" "$name/witness.wtns" "$name/proof.json" "$name/public.json"
    snarkjs groth16 verify "$name/verification_key.json" "$name/public.json" "$name/proof.json"
done

# The statement that follows the first.
snarkjs wtns calculate .work/ledger/ledger_js/ledger.wasm ledger/next_input.json ledger/next_witness.wtns
snarkjs wtns check ledger/circuit.r1cs ledger/next_witness.wtns

# A key as it is before anyone contributed: gamma = delta, open to forgery.
cp .work/multiplier/0.zkey multiplier/no_contribution.zkey
snarkjs zkey export verificationkey multiplier/no_contribution.zkey multiplier/no_contribution_vkey.json

node stats.mjs
