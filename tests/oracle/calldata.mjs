// SPDX-License-Identifier: MIT OR Apache-2.0
// calldata.mjs PROOF PUBLIC
//   Prints snarkjs' string of call parameters: [a],[[b],[b]],[c],[public].
// calldata.mjs --hex PROOF PUBLIC
//   Prints the same call as ABI-encoded bytes in hexadecimal, with the
//   selector of verifyProof(uint256[2],uint256[2][2],uint256[2],uint256[n]).
import { keccak_256 } from "@noble/hashes/sha3.js";
import { groth16 } from "snarkjs";
import { main, readJson, usage } from "./common.mjs";

await main(async (args) => {
  const hex = args[0] === "--hex";
  if (hex) args.shift();
  if (args.length !== 2) usage("calldata.mjs [--hex] PROOF PUBLIC");
  const [proof, signals] = args.map(readJson);
  const call = await groth16.exportSolidityCallData(proof, signals);
  if (!hex) {
    console.log(call);
    return;
  }
  const signature = `verifyProof(uint256[2],uint256[2][2],uint256[2],uint256[${signals.length}])`;
  const selector = Buffer.from(keccak_256(Buffer.from(signature))).subarray(0, 4).toString("hex");
  const words = JSON.parse(`[${call}]`).flat(Infinity).map((word) => word.slice(2));
  console.log(`0x${selector}${words.join("")}`);
});
