// SPDX-License-Identifier: MIT OR Apache-2.0
pragma circom 2.0.0;

// in < 2^width, bit by bit.
template Bits(width) {
    signal input in;
    signal output bits[width];

    var sum = 0;
    for (var i = 0; i < width; i++) {
        bits[i] <-- (in >> i) & 1;
        bits[i] * (bits[i] - 1) === 0;
        sum += bits[i] * (1 << i);
    }
    sum === in;
}

// Private amounts of 64 bits that add up to the public total, and private
// scores of 32 bits that are at most the public limit. Nearly every wire is
// 0 or 1. The one output multiplies the number of one bits in the amounts by
// the number in the scores, which makes two long rows (one in A, one in B).
template Range(nAmounts, nScores) {
    signal input total;
    signal input limit;
    signal input amounts[nAmounts];
    signal input scores[nScores];
    signal output weight;

    component amountBits[nAmounts];
    var sum = 0;
    var amountOnes = 0;
    for (var i = 0; i < nAmounts; i++) {
        amountBits[i] = Bits(64);
        amountBits[i].in <== amounts[i];
        sum += amounts[i];
        for (var j = 0; j < 64; j++) {
            amountOnes += amountBits[i].bits[j];
        }
    }
    total === sum;

    component scoreBits[nScores];
    component slackBits[nScores];
    var scoreOnes = 0;
    for (var i = 0; i < nScores; i++) {
        scoreBits[i] = Bits(32);
        scoreBits[i].in <== scores[i];
        slackBits[i] = Bits(32);
        slackBits[i].in <== limit - scores[i];
        for (var j = 0; j < 32; j++) {
            scoreOnes += scoreBits[i].bits[j];
        }
    }

    weight <== amountOnes * scoreOnes;
}

component main {public [total, limit]} = Range(20, 20);
