// SPDX-License-Identifier: MIT OR Apache-2.0
// verify.mjs VKEY PUBLIC PROOF [VKEY PUBLIC PROOF ...]
// Prints one line per triple, in order: {"ok":true} or {"ok":false}, the
// latter with "error" where snarkjs threw instead of answering.
import { groth16 } from "snarkjs";
import { main, readJson, usage } from "./common.mjs";

await main(async (args) => {
  if (args.length === 0 || args.length % 3 !== 0) {
    usage("verify.mjs VKEY PUBLIC PROOF [VKEY PUBLIC PROOF ...]");
  }
  for (let i = 0; i < args.length; i += 3) {
    const [vkey, signals, proof] = args.slice(i, i + 3).map(readJson);
    let line;
    try {
      line = { ok: (await groth16.verify(vkey, signals, proof)) === true };
    } catch (error) {
      line = { ok: false, error: String(error?.message ?? error) };
    }
    console.log(JSON.stringify(line));
  }
});
