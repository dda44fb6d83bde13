// SPDX-License-Identifier: MIT OR Apache-2.0
// Writes <circuit>/input.json for every circuit, the same bytes on every run.
// The Merkle root comes from this file's own copy of the hash, so a witness
// that satisfies merkle.circom also checks the circuit against it.
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { keccak_256 } from "@noble/hashes/sha3";

const here = dirname(fileURLToPath(import.meta.url));
const r = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const rounds = 40;

// SHA-512 of a label as an integer.
function wide(label) {
  return BigInt("0x" + createHash("sha512").update(`zkiln ${label}`).digest("hex"));
}
const field = (label) => wide(label) % r;
const bits = (label, n) => wide(label) & ((1n << BigInt(n)) - 1n);
const mod = (x) => ((x % r) + r) % r;

const constants = [0n];
for (let i = 0; i < rounds - 1; i++) {
  const c = constants[i];
  constants.push(mod(c * c * c + 7n * c + BigInt(i) + 1n));
}

function compress(left, right) {
  let [l, q] = [left, right];
  for (const c of constants) {
    const x = mod(l + c);
    const x2 = mod(x * x);
    [l, q] = [mod(q + mod(x2 * x2) * x), l];
  }
  return mod(l + left + right);
}

function multiplier() {
  return { a: 3n, b: 11n };
}

function hashChain() {
  const messages = [0, 1, 2, 3, 4, 5].map((i) => field(`message ${i}`));
  messages[1] = 0n;
  messages[2] = 1n;
  messages[3] = r - 1n;
  return { start: field("start"), messages };
}

function merkle() {
  const depth = 16;
  const leaf = field("leaf");
  const path = bits("path", depth);
  const siblings = [];
  const directions = [];
  let node = leaf;
  for (let i = 0; i < depth; i++) {
    const sibling = i === 5 ? 0n : field(`sibling ${i}`); // an empty subtree
    const right = (path >> BigInt(i)) & 1n;
    node = right ? compress(sibling, node) : compress(node, sibling);
    siblings.push(sibling);
    directions.push(right);
  }
  return { root: node, leaf, siblings, bits: directions };
}

function range() {
  const limit = 4000000000n;
  const amounts = [];
  const scores = [];
  for (let i = 0; i < 20; i++) {
    amounts.push(bits(`amount ${i}`, 4 + 3 * i));
    scores.push(wide(`score ${i}`) % (limit + 1n));
  }
  amounts[0] = 0n;
  amounts[19] = (1n << 64n) - 1n;
  scores[0] = 0n;
  scores[19] = limit;
  return { total: amounts.reduce((a, b) => a + b), limit, amounts, scores };
}

function fullDomain() {
  return {
    start: [1n, field("lane 1"), r - 1n],
    tweak: bits("tweak", 64),
    secret: field("secret"),
  };
}

const hex = (x) => `0x${x.toString(16).padStart(64, "0")}`;
const keccak = (data) => BigInt("0x" + Buffer.from(keccak_256(data)).toString("hex"));

// A batch of two items with its statement, in the order of its words, and the
// inputs of the circuit, which end with the items.
function ledger(pre_root, first_seq, items) {
  const chain = (start) => items.reduce(compress, start);
  const s = {
    program: hex(keccak("ledger")),
    parameters: hex(BigInt(items.length)),
    chain_id: "1",
    context: hex(0xccn),
    request: hex(keccak("request")),
    first_seq: `${first_seq}`,
    last_seq: `${first_seq + BigInt(items.length) - 1n}`,
    pre_root: hex(pre_root),
    post_root: hex(chain(pre_root)),
    batch: hex(chain(0n)),
    payee: hex(0xaan),
  };
  const words = [keccak("zkiln/statement/v1"), ...Object.values(s).map(BigInt)];
  const digest = keccak(Buffer.from(words.map((word) => hex(word).slice(2)).join(""), "hex"));
  const input = {
    digest_high: digest >> 128n,
    digest_low: digest & ((1n << 128n) - 1n),
    pre_root: BigInt(s.pre_root),
    post_root: BigInt(s.post_root),
    batch: BigInt(s.batch),
    first_seq,
    last_seq: BigInt(s.last_seq),
    items,
  };
  return { statement: s, input };
}

const first = ledger(field("genesis"), 100n, [field("item 0"), field("item 1")]);
const second = ledger(BigInt(first.statement.post_root), 102n, [r - 1n, 0n]);

function write(name, content) {
  mkdirSync(dirname(join(here, name)), { recursive: true });
  const text = JSON.stringify(content, (_, v) => (typeof v === "bigint" ? v.toString() : v), 1);
  // What has one spelling only, as statements, has no line after the last.
  writeFileSync(join(here, name), name.endsWith("statement.json") ? text : text + "\n");
}

const all = {
  multiplier: multiplier(),
  hash_chain: hashChain(),
  merkle: merkle(),
  range: range(),
  full_domain: fullDomain(),
  ledger: first.input,
};
for (const [name, input] of Object.entries(all)) write(`${name}/input.json`, input);
write("ledger/statement.json", first.statement);
write("ledger/next_input.json", second.input);
write("ledger/next_statement.json", second.statement);
