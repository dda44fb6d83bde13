// SPDX-License-Identifier: MIT OR Apache-2.0
// prove.mjs ZKEY WTNS OUTDIR
// Writes OUTDIR/proof.json and OUTDIR/public.json and prints their paths.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { groth16 } from "snarkjs";
import { main, usage } from "./common.mjs";

await main(async (args) => {
  if (args.length !== 3) usage("prove.mjs ZKEY WTNS OUTDIR");
  const [zkey, wtns, out] = args;
  const { proof, publicSignals } = await groth16.prove(zkey, wtns);
  mkdirSync(out, { recursive: true });
  const files = { proof: join(out, "proof.json"), public: join(out, "public.json") };
  writeFileSync(files.proof, JSON.stringify(proof, null, 1));
  writeFileSync(files.public, JSON.stringify(publicSignals, null, 1));
  console.log(JSON.stringify(files));
});
