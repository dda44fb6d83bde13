// SPDX-License-Identifier: MIT OR Apache-2.0
// evm.mjs CONTRACT.sol CALLS.json
// Compiles the Solidity file, deploys its contract in an EVM inside this
// process and makes every call of CALLS.json, an array of hexadecimal
// calldata strings that start with the 4 bytes of the selector. Where the
// file has several contracts, the one with verifyProof is deployed; its
// constructor takes no arguments.
//
// The first line is about the contract:
//   {"deployed_bytes":n,"deploy_gas":n,"contract":"Name",
//    "selectors":{"verifyProof(...)":"0x.."},"warnings":["..."]}
// then one line per call, in order:
//   {"success":bool,"return":"0x..","gas":n}
// success is false when the call reverted or halted ("error" says how);
// "return" then holds the revert data. A verifier that says no has success
// true and returns a zero word.
//
// deployed_bytes: the runtime code, which EIP-170 limits to 24576.
// deploy_gas: the constructor's execution and 200 per byte of code; without
// the transaction's 21000 + 32000 and what its data costs.
// gas: what the called frame uses, opcodes and precompiles with everything
// below it, in the same state as inside a fresh transaction (the precompiles
// and the contract are warm, EIP-2929). It does NOT include the transaction's
// 21000, the 4/16 gas per byte of calldata (or the floor of EIP-7623), and no
// refund is subtracted. A halt uses all the gas it was given, and a precompile
// that fails all it was passed, so after such failures gas says nothing.
//
// Hardfork Prague; solc with the optimizer at 200 runs, evmVersion prague.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import { createEVM } from "@ethereumjs/evm";
import { Account, bytesToHex, createAddressFromString } from "@ethereumjs/util";
import solc from "solc";
import { main, readJson, usage } from "./common.mjs";

const gasLimit = 30_000_000n;
const caller = createAddressFromString("0x00000000000000000000000000000000000000ee");

function compile(path) {
  const file = basename(path);
  const input = {
    language: "Solidity",
    sources: { [file]: { content: readFileSync(path, "utf8") } },
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: "prague",
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.methodIdentifiers"] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const messages = output.errors ?? [];
  const errors = messages.filter((message) => message.severity === "error");
  if (errors.length > 0) {
    throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  }
  const all = Object.entries(output.contracts?.[file] ?? {})
    .map(([name, contract]) => ({ name, ...contract }))
    .filter((contract) => contract.evm.bytecode.object.length > 0);
  const verifiers = all.filter((contract) => contract.abi.some((item) => item.name === "verifyProof"));
  const found = verifiers.length > 0 ? verifiers : all;
  if (found.length !== 1) {
    throw new Error(`${file}: one contract was expected, found: ${found.map((c) => c.name).join(", ") || "none"}`);
  }
  return {
    name: found[0].name,
    code: Buffer.from(found[0].evm.bytecode.object, "hex"),
    selectors: Object.fromEntries(
      Object.entries(found[0].evm.methodIdentifiers).map(([signature, id]) => [signature, `0x${id}`]),
    ),
    warnings: messages.map((message) => message.message),
  };
}

function calldata(text) {
  if (typeof text !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(text)) {
    throw new Error(`not calldata in hexadecimal: ${JSON.stringify(text)}`);
  }
  return Uint8Array.from(Buffer.from(text.slice(2), "hex"));
}

await main(async (args) => {
  if (args.length !== 2) usage("evm.mjs CONTRACT.sol CALLS.json");
  const calls = readJson(args[1]).map(calldata);
  const contract = compile(args[0]);

  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Prague });
  const evm = await createEVM({ common });
  await evm.stateManager.putAccount(caller, new Account(0n, 10n ** 18n));

  const deployed = await evm.runCall({ caller, gasLimit, data: Uint8Array.from(contract.code) });
  if (deployed.execResult.exceptionError !== undefined) {
    throw new Error(`deployment failed: ${deployed.execResult.exceptionError.error}`);
  }
  const to = deployed.createdAddress;
  console.log(JSON.stringify({
    deployed_bytes: (await evm.stateManager.getCode(to)).length,
    deploy_gas: Number(deployed.execResult.executionGasUsed),
    contract: contract.name,
    selectors: contract.selectors,
    warnings: contract.warnings,
  }));

  for (const data of calls) {
    // What a transaction does before its first opcode (EIP-2929).
    evm.journal.cleanJournal();
    for (const address of evm.precompiles.keys()) evm.journal.addAlwaysWarmAddress(address);
    evm.journal.addAlwaysWarmAddress(to.toString());
    evm.journal.addAlwaysWarmAddress(caller.toString());

    const { execResult } = await evm.runCall({ caller, to, gasLimit, data, isStatic: true });
    const line = {
      success: execResult.exceptionError === undefined,
      return: bytesToHex(execResult.returnValue),
      gas: Number(execResult.executionGasUsed),
    };
    if (!line.success) line.error = execResult.exceptionError.error;
    console.log(JSON.stringify(line));
  }
});
