// SPDX-License-Identifier: MIT OR Apache-2.0
pragma circom 2.0.0;

include "feistel.circom";

// The private leaf is in the binary tree with the public root. Bit i of the
// path tells whether the node of level i is the right child (1) or the left
// one (0).
template Merkle(depth, rounds) {
    signal input root;
    signal input leaf;
    signal input siblings[depth];
    signal input bits[depth];

    component hash[depth];
    signal node[depth + 1];
    signal swap[depth];

    node[0] <== leaf;
    for (var i = 0; i < depth; i++) {
        bits[i] * (bits[i] - 1) === 0;
        swap[i] <== bits[i] * (siblings[i] - node[i]);
        hash[i] = Compress(rounds);
        hash[i].left <== node[i] + swap[i];
        hash[i].right <== siblings[i] - swap[i];
        node[i + 1] <== hash[i].out;
    }
    root === node[depth];
}

component main {public [root]} = Merkle(16, 40);
