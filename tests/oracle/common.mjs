// SPDX-License-Identifier: MIT OR Apache-2.0
// What the oracles share. Every oracle prints its results on stdout and
// nothing else, exits 0 when it could do its work, 1 when it failed (the
// reason on stderr) and 2 on wrong arguments.
import { readFileSync } from "node:fs";

export function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

export function usage(text) {
  console.error(`usage: ${text}`);
  process.exit(2);
}

// snarkjs keeps its worker threads, and so the process, alive: leave by exit.
export async function main(work) {
  let status = 0;
  try {
    await work(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.stack : String(error));
    status = 1;
  }
  await globalThis.curve_bn128?.terminate();
  process.exit(status);
}
