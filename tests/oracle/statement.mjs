// SPDX-License-Identifier: MIT OR Apache-2.0
// statement.mjs VECTORS.json
// Computes the words, digests, signals and lane digests of the statements of
// VECTORS.json from their fields, with the Keccak of @noble/hashes, and
// compares. Prints {"ok":true,"statements":n}.
import { deepStrictEqual } from "node:assert";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { main, readJson, usage } from "./common.mjs";

const keccak = (...parts) => keccak_256(Buffer.concat(parts.map((part) => Buffer.from(part))));
const hex = (bytes) => `0x${Buffer.from(bytes).toString("hex")}`;
const bytes = (text) => Buffer.from(text.slice(2), "hex");
const number = (text) => Buffer.from(BigInt(text).toString(16).padStart(64, "0"), "hex");
const text = (string) => Buffer.from(string, "utf8");

function words(s) {
  return [
    keccak(text("zkiln/statement/v1")),
    bytes(s.program),
    bytes(s.parameters),
    number(s.chain_id),
    bytes(s.context),
    bytes(s.request),
    number(s.first_seq),
    number(s.last_seq),
    bytes(s.pre_root),
    bytes(s.post_root),
    bytes(s.batch),
    bytes(s.payee),
  ];
}

function lane({ system, key }, digest) {
  const id = keccak(text(system));
  return {
    system,
    key,
    id: hex(keccak(keccak(text("zkiln/lane-id/v1")), id, bytes(key))),
    digest: hex(keccak(keccak(text("zkiln/lane/v1")), id, bytes(key), digest)),
  };
}

await main((args) => {
  if (args.length !== 1) usage("statement.mjs VECTORS.json");
  const { accepted } = readJson(args[0]);
  for (const expected of accepted) {
    const { statement, lanes } = expected;
    const own = words(statement);
    const digest = keccak(...own);
    const signals = [digest.slice(0, 16), digest.slice(16), ...[8, 9, 10, 6, 7].map((i) => own[i])];
    const found = {
      statement,
      words: own.map(hex),
      digest: hex(digest),
      signals: signals.map((signal) => BigInt(hex(signal)).toString()),
      lanes: lanes.map((of) => lane(of, digest)),
    };
    deepStrictEqual(found, expected);
  }
  console.log(JSON.stringify({ ok: true, statements: accepted.length }));
});
