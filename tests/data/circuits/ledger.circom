// SPDX-License-Identifier: MIT OR Apache-2.0
pragma circom 2.0.0;

include "feistel.circom";

// A statement of docs/multi-prover.md. The state is the head of a hash chain
// over all items of a ledger; a batch appends some, to which `batch` commits.
// The seven public signals are in the order in which a statement has them.
// What the halves of its digest are the circuit need not know: that they are
// in a constraint binds the proof to them.
template Ledger(count, rounds) {
    signal input digest_high;
    signal input digest_low;
    signal input pre_root;
    signal input post_root;
    signal input batch;
    signal input first_seq;
    signal input last_seq;
    signal input items[count];

    signal high_squared <== digest_high * digest_high;
    signal low_squared <== digest_low * digest_low;

    component state[count];
    component commitment[count];
    for (var i = 0; i < count; i++) {
        state[i] = Compress(rounds);
        commitment[i] = Compress(rounds);
        if (i == 0) {
            state[i].left <== pre_root;
            commitment[i].left <== 0;
        } else {
            state[i].left <== state[i - 1].out;
            commitment[i].left <== commitment[i - 1].out;
        }
        state[i].right <== items[i];
        commitment[i].right <== items[i];
    }
    post_root === state[count - 1].out;
    batch === commitment[count - 1].out;
    last_seq === first_seq + count - 1;
}

component main {public [
    digest_high, digest_low, pre_root, post_root, batch, first_seq, last_seq
]} = Ledger(2, 40);
