// SPDX-License-Identifier: MIT OR Apache-2.0
pragma circom 2.0.0;

// The smallest circuit: one constraint, c = a * b, with c public.
template Multiplier() {
    signal input a;
    signal input b;
    signal output c;

    c <== a * b;
}

component main = Multiplier();
