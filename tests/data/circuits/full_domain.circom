// SPDX-License-Identifier: MIT OR Apache-2.0
pragma circom 2.0.0;

// Fills its domain to the last row: 3 lanes of 168 steps, one constraint
// each, are 504 constraints; with 3 outputs, 4 public inputs and the constant
// one that is 504 + 7 + 1 = 512 = 2^9.
template FullDomain(lanes, steps) {
    signal input start[lanes];
    signal input tweak;
    signal input secret;
    signal output end[lanes];

    signal state[lanes][steps + 1];
    for (var l = 0; l < lanes; l++) {
        state[l][0] <== start[l];
    }
    for (var i = 0; i < steps; i++) {
        for (var l = 0; l < lanes; l++) {
            state[l][i + 1] <==
                (state[l][i] + secret) * (state[(l + 1) % lanes][i] + tweak) + i;
        }
    }
    for (var l = 0; l < lanes; l++) {
        end[l] <== state[l][steps];
    }
}

component main {public [start, tweak]} = FullDomain(3, 168);
