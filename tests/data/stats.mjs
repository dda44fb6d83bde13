// SPDX-License-Identifier: MIT OR Apache-2.0
// Prints the table of README.md: sizes of the circuits, shapes of the
// witnesses and of the keys, read from the files themselves.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const names = ["multiplier", "full_domain", "hash_chain", "merkle", "range", "ledger"];

// The sections of a container: id -> bytes.
function sections(file) {
  const bytes = readFileSync(file);
  const found = new Map();
  let at = 12;
  for (let i = bytes.readUInt32LE(8); i > 0; i--) {
    const length = Number(bytes.readBigUInt64LE(at + 4));
    found.set(bytes.readUInt32LE(at), bytes.subarray(at + 12, at + 12 + length));
    at += 12 + length;
  }
  return found;
}

function integer(bytes) {
  return BigInt("0x" + Buffer.from(bytes).reverse().toString("hex"));
}

function count(bytes, size, accept) {
  let n = 0;
  for (let at = 0; at < bytes.length; at += size) {
    if (accept(bytes.subarray(at, at + size))) n++;
  }
  return n;
}

const percent = (n, of) => (of === 0 ? "-" : `${((100 * n) / of).toFixed(1)} %`);
const isZero = (bytes) => bytes.every((b) => b === 0);

const rows = [
  ["circuit", "constraints", "wires", "outputs", "public inputs", "private inputs", "domain",
    "rows used", "w = 0", "w = 1", "w < 2^64, not 0 or 1", "larger", "coefficients",
    "A infinite", "B infinite", "C infinite"],
];
for (const name of names) {
  const dir = join(here, name);
  const r1cs = sections(join(dir, "circuit.r1cs")).get(1);
  const wtns = sections(join(dir, "witness.wtns")).get(2);
  const zkey = sections(join(dir, "circuit.zkey"));

  const [wires, outputs, inputs, secret] = [0, 4, 8, 12].map((o) => r1cs.readUInt32LE(36 + o));
  const constraints = r1cs.readUInt32LE(36 + 16 + 8);
  const header = zkey.get(2);
  const domain = header.readUInt32LE(80);
  const publics = header.readUInt32LE(76);
  if (publics !== outputs + inputs || header.readUInt32LE(72) !== wires || wtns.length !== 32 * wires) {
    throw new Error(`${name}: r1cs, wtns and zkey contradict each other`);
  }

  const zeros = count(wtns, 32, (w) => integer(w) === 0n);
  const ones = count(wtns, 32, (w) => integer(w) === 1n);
  const small = count(wtns, 32, (w) => integer(w) > 1n && integer(w) < 1n << 64n);
  const infinite = (id, size) => percent(count(zkey.get(id), size, isZero), zkey.get(id).length / size);
  rows.push([
    `\`${name}\``, constraints, wires, outputs, inputs, secret, domain, constraints + publics + 1,
    percent(zeros, wires), percent(ones, wires), percent(small, wires),
    percent(wires - zeros - ones - small, wires),
    zkey.get(4).readUInt32LE(0), infinite(5, 64), infinite(7, 128), infinite(8, 64),
  ]);
}
// One line per quantity, one column per circuit.
rows[0].forEach((_, i) => {
  console.log(`| ${rows.map((row) => row[i]).join(" | ")} |`);
  if (i === 0) console.log(`|---|${"--:|".repeat(names.length)}`);
});
