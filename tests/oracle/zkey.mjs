// SPDX-License-Identifier: MIT OR Apache-2.0
// zkey.mjs ZKEY
// Prints the verification key that snarkjs exports from a zkey, as one line
// of JSON.
import { zKey } from "snarkjs";
import { main, usage } from "./common.mjs";

await main(async (args) => {
  if (args.length !== 1) usage("zkey.mjs ZKEY");
  console.log(JSON.stringify(await zKey.exportVerificationKey(args[0])));
});
