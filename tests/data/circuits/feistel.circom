// SPDX-License-Identifier: MIT OR Apache-2.0
pragma circom 2.0.0;

// A small algebraic hash for test circuits: an unkeyed Feistel network over
// the field with the round function (x + c_i)^5. It is made to give dense
// witnesses, NOT to be secure: few rounds and home-made constants.

// c_0 = 0, c_{i+1} = c_i^3 + 7 c_i + i + 1.
function feistel_constant(round) {
    var c = 0;
    for (var i = 0; i < round; i++) {
        c = c * c * c + 7 * c + i + 1;
    }
    return c;
}

// (l, r) -> (r + (l + c_i)^5, l): per round three products and the sum
// l + c_i, which --O1 keeps as a wire and a linear constraint of its own. So
// the state's wires are in no product and, as in real circuits, many points
// of a key's A and B queries are infinity.
template Feistel(rounds) {
    signal input inL;
    signal input inR;
    signal output outL;
    signal output outR;

    signal sum[rounds];
    signal square[rounds];
    signal fourth[rounds];
    signal state[rounds + 2];

    state[0] <== inR;
    state[1] <== inL;
    for (var i = 0; i < rounds; i++) {
        sum[i] <== state[i + 1] + feistel_constant(i);
        square[i] <== sum[i] * sum[i];
        fourth[i] <== square[i] * square[i];
        state[i + 2] <== fourth[i] * sum[i] + state[i];
    }
    outL <== state[rounds + 1];
    outR <== state[rounds];
}

// Two field elements to one, with the input fed forward.
template Compress(rounds) {
    signal input left;
    signal input right;
    signal output out;

    component permutation = Feistel(rounds);
    permutation.inL <== left;
    permutation.inR <== right;
    out <== permutation.outL + left + right;
}
