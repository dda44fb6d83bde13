// SPDX-License-Identifier: MIT OR Apache-2.0
// npm run selftest: tries every oracle on the fixtures of ../data, with
// answers known to be yes and no. The Solidity contract is snarkjs' own,
// written to a temporary folder and removed with it (its template is GPL-3.0).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { zKey } from "snarkjs";
import { main, readJson } from "./common.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const data = (...parts) => join(here, "..", "data", ...parts);
const circuits = ["multiplier", "full_domain", "hash_chain", "merkle", "range"];

function oracle(name, ...args) {
  return execFileSync(process.execPath, [join(here, name), ...args], { encoding: "utf8" }).trimEnd();
}
const lines = (text) => text.split("\n").map((line) => JSON.parse(line));

async function check(tmp) {
  const triples = [];
  for (const name of circuits) {
    oracle("prove.mjs", data(name, "circuit.zkey"), data(name, "witness.wtns"), join(tmp, name));
    const own = [join(tmp, name, "public.json"), join(tmp, name, "proof.json")];
    assert.deepEqual(readJson(own[0]), readJson(data(name, "public.json")));
    triples.push(data(name, "verification_key.json"), ...own);
    triples.push(data(name, "verification_key.json"), data(name, "public.json"), data(name, "proof.json"));
    assert.deepEqual(
      JSON.parse(oracle("zkey.mjs", data(name, "circuit.zkey"))),
      readJson(data(name, "verification_key.json")),
    );
  }
  const swapped = [data("merkle", "verification_key.json"), data("merkle", "public.json"), data("range", "proof.json")];
  const answers = lines(oracle("verify.mjs", ...triples, ...swapped)).map((line) => line.ok);
  assert.deepEqual(answers, [...Array(2 * circuits.length).fill(true), false]);

  const templates = { groth16: readFileSync(join(here, "node_modules/snarkjs/templates/verifier_groth16.sol.ejs"), "utf8") };
  for (const name of circuits) {
    const sol = join(tmp, `${name}.sol`);
    const calls = join(tmp, `${name}.json`);
    writeFileSync(sol, await zKey.exportSolidityVerifier(data(name, "circuit.zkey"), templates));
    const good = oracle("calldata.mjs", "--hex", data(name, "proof.json"), data(name, "public.json"));
    const wrongSignal = good.slice(0, -1) + (good.endsWith("0") ? "1" : "0");
    const offCurve = good.slice(0, 10) + "0".repeat(63) + "5" + good.slice(74);
    writeFileSync(calls, JSON.stringify([good, wrongSignal, offCurve, "0x12345678"]));
    const [deploy, ...results] = lines(oracle("evm.mjs", sol, calls));
    assert.ok(deploy.deployed_bytes > 0);
    assert.deepEqual(Object.values(deploy.selectors), [good.slice(0, 10)]);
    assert.deepEqual(
      results.map((result) => [result.success, result.return.slice(-1)]),
      [[true, "1"], [true, "0"], [true, "0"], [false, "x"]],
    );
    console.log(`${name}: verified; verifyProof uses ${results[0].gas} gas, ${deploy.deployed_bytes} bytes of code`);
  }
}

await main(async () => {
  const tmp = mkdtempSync(join(tmpdir(), "zkiln-oracle-"));
  try {
    await check(tmp);
  } finally {
    rmSync(tmp, { recursive: true });
  }
});
