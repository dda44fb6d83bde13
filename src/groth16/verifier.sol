// SPDX-License-Identifier: MIT OR Apache-2.0
// Made by zkiln from a verification key.
pragma solidity ^0.8.13;

/// @title Verifier of Groth16 proofs over BN254 of one circuit
/// @notice Whether a proof is valid says nothing about who made it or how often it was used: anyone can
/// turn a valid proof into other valid proofs of the same public inputs. Put what must be unique, such as
/// a nullifier, among the public inputs, and never store a proof as a key.
contract Groth16Verifier {
    // The modulus of the coordinates and the order of the groups, which bounds the public inputs.
    uint256 private constant Q = {{Q}};
    uint256 private constant R = {{R}};

    // The verification key. A coordinate in G2 has its imaginary part (1) first, as EIP-197 wants it.
    // Alpha, gamma and delta are negated: a proof is valid if
    // e(A, B) e(-alpha, beta) e(inputs, -gamma) e(C, -delta) = 1.
{{KEY}}

    /// @param _pA x, y
    /// @param _pB [x1, x0], [y1, y0]: the imaginary parts first
    /// @param _pC x, y
{{PUBLIC_DOC}}    /// @return valid Whether the proof is valid. False for numbers that are not below their modulus and
    /// for points that are not on their curve or not in their group. The call reverts only when its data
    /// are shorter than the arguments or its gas runs out.
    function verifyProof(
        uint256[2] calldata _pA,
        uint256[2][2] calldata _pB,
        uint256[2] calldata _pC{{PUBLIC_PARAMETER}}
    ) public view returns (bool valid) {
        assembly ("memory-safe") {
            // Adds the multiple of a point of the key by the public input at `signal` to the point at `sum`;
            // false if the input is not below R. The points and inputs are good here, so the precompiles
            // fail for lack of gas alone.
            function addInput(sum, signal, x, y) -> good {
                let input := calldataload(signal)
                good := lt(input, R)
                if good {
                    mstore(add(sum, 0x40), x)
                    mstore(add(sum, 0x60), y)
                    mstore(add(sum, 0x80), input)
                    let done := staticcall(gas(), 7, add(sum, 0x40), 0x60, add(sum, 0x40), 0x40)
                    if iszero(done) { revert(0, 0) }
                    done := staticcall(gas(), 6, sum, 0x80, sum, 0x40)
                    if iszero(done) { revert(0, 0) }
                }
            }

            // The pairing precompile checks this as well, but takes all the gas it was given when it fails.
            valid := lt(calldataload(_pA), Q)
            valid := and(valid, lt(calldataload(add(_pA, 0x20)), Q))
            valid := and(valid, lt(calldataload(_pB), Q))
            valid := and(valid, lt(calldataload(add(_pB, 0x20)), Q))
            valid := and(valid, lt(calldataload(add(_pB, 0x40)), Q))
            valid := and(valid, lt(calldataload(add(_pB, 0x60)), Q))
            valid := and(valid, lt(calldataload(_pC), Q))
            valid := and(valid, lt(calldataload(add(_pC, 0x20)), Q))

            if valid {
                // Four pairs of a point of G1 (0x40 bytes) and one of G2 (0x80), in memory that is free and
                // stays so. The sum over the inputs grows where it is read; gamma's place is its scratch.
                let pairs := mload(0x40)
                let inputs := add(pairs, 0x180)
                mstore(inputs, IC0_X)
                mstore(add(inputs, 0x20), IC0_Y)
{{ADD_INPUTS}}
                if valid {
                    calldatacopy(pairs, _pA, 0x40)
                    calldatacopy(add(pairs, 0x40), _pB, 0x80)
                    mstore(add(pairs, 0xc0), NEG_ALPHA_X)
                    mstore(add(pairs, 0xe0), NEG_ALPHA_Y)
                    mstore(add(pairs, 0x100), BETA_X1)
                    mstore(add(pairs, 0x120), BETA_X0)
                    mstore(add(pairs, 0x140), BETA_Y1)
                    mstore(add(pairs, 0x160), BETA_Y0)
                    mstore(add(pairs, 0x1c0), NEG_GAMMA_X1)
                    mstore(add(pairs, 0x1e0), NEG_GAMMA_X0)
                    mstore(add(pairs, 0x200), NEG_GAMMA_Y1)
                    mstore(add(pairs, 0x220), NEG_GAMMA_Y0)
                    calldatacopy(add(pairs, 0x240), _pC, 0x40)
                    mstore(add(pairs, 0x280), NEG_DELTA_X1)
                    mstore(add(pairs, 0x2a0), NEG_DELTA_X0)
                    mstore(add(pairs, 0x2c0), NEG_DELTA_Y1)
                    mstore(add(pairs, 0x2e0), NEG_DELTA_Y0)

                    // Four pairs take 181000 gas (EIP-1108) and 1/64 stays here (EIP-150). Whoever gives less
                    // must not make a valid proof look like an invalid one.
                    if lt(gas(), 185000) { revert(0, 0) }
                    // Without the precompile the call succeeds and writes nothing: then zero remains.
                    mstore(0, 0)
                    valid := staticcall(gas(), 8, pairs, 0x300, 0, 0x20)
                    valid := and(valid, mload(0))
                }
            }
        }
    }
}
