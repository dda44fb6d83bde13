// SPDX-License-Identifier: MIT OR Apache-2.0
pragma circom 2.0.0;

include "feistel.circom";

// head_0 = start, head_{i+1} = compress(head_i, message_i). Public are the
// start (input) and the last head (output); the messages are private. Nearly
// every wire is a full-size field element.
template HashChain(links, rounds) {
    signal input start;
    signal input messages[links];
    signal output end;

    component link[links];
    for (var i = 0; i < links; i++) {
        link[i] = Compress(rounds);
        if (i == 0) {
            link[i].left <== start;
        } else {
            link[i].left <== link[i - 1].out;
        }
        link[i].right <== messages[i];
    }
    end <== link[links - 1].out;
}

component main {public [start]} = HashChain(6, 40);
