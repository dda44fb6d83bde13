// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// What zkiln's lanes prove: see docs/multi-prover.md. The order of the fields is that of the words.
struct StatementV1 {
    bytes32 program;
    bytes32 parameters;
    uint64 chainId;
    bytes32 context;
    bytes32 request;
    uint64 firstSeq;
    uint64 lastSeq;
    uint256 preRoot;
    uint256 postRoot;
    uint256 batch;
    bytes32 payee;
}

library Statements {
    /// The order of BN254's groups: elements are the integers below it.
    uint256 internal constant R =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    bytes32 internal constant TAG = keccak256("zkiln/statement/v1");
    bytes32 internal constant LANE_TAG = keccak256("zkiln/lane/v1");

    /// A root or a commitment is not below R: an alias of another element.
    error NotCanonical();
    /// The last item comes before the first.
    error EmptyBatch();

    /// Keccak-256 of the words of a statement that has one spelling. Whoever settles compares `chainId` and
    /// `context` with block.chainid and its own address.
    function digest(StatementV1 memory s) internal pure returns (bytes32) {
        if (s.preRoot >= R || s.postRoot >= R || s.batch >= R) revert NotCanonical();
        if (s.lastSeq < s.firstSeq) revert EmptyBatch();
        return keccak256(abi.encode(TAG, s));
    }

    /// The public inputs of a lane's verifier.
    function signals(StatementV1 memory s) internal pure returns (uint256[7] memory) {
        uint256 whole = uint256(digest(s));
        return [
            whole >> 128,
            whole & type(uint128).max,
            s.preRoot,
            s.postRoot,
            s.batch,
            uint256(s.firstSeq),
            uint256(s.lastSeq)
        ];
    }

    /// What a proof of a statement in a lane is consumed under; never anything of the proof's own bytes.
    function laneDigest(string memory system, bytes32 key, StatementV1 memory s)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(LANE_TAG, keccak256(bytes(system)), key, digest(s)));
    }
}
