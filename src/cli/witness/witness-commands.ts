import type { Command } from "commander";
import type { WitnessFlags } from "./run-witness.js";
import { printNote } from "../print.js";

/** `witness`, which runs one, and `witness key`. */
export function addWitnessCommands(program: Command, onExit: (exit: number) => void): void {
  const all = (text: string, before: readonly string[]): readonly string[] => [...before, text];
  const witness = program
    .command("witness")
    .description("Runs a witness: cosigns the checkpoints of others' ledgers, as long as they only grow")
    .option("--key <file>", "its signing key, from: bascule witness key")
    .option("--state <dir>", "what it cosigned last; never to be lost, copied or shared")
    .option(
      "--log <key>",
      "verifier key of a ledger, the first line of its ledger/verifiers; again for more",
      all,
      [],
    )
    .option("--listen <host:port>", "where it is asked, over HTTP; port 0 picks a free one", "127.0.0.1:8030")
    .addHelpText(
      "after",
      `\nExamples:\n  bascule witness --key w1.key --state /var/lib/bascule-witness --log 'bastion/3f00c1aa+…'`,
    )
    .action(async (flags: WitnessFlags) => {
      const { runWitness } = await import("./run-witness.js");
      onExit(await runWitness(flags, (line) => void process.stdout.write(`${line}\n`)));
    });
  witness
    .command("key <newfile>")
    .description("Makes a witness' signing key, and prints the verifier key for those who ask it")
    .requiredOption("--name <name>", "its name in every cosignature, such as witness.example.org/w1")
    .addHelpText("after", "\nExamples:\n  bascule witness key w1.key --name witness.example.org/w1")
    .action(async (path: string, { name }: { name: string }) => {
      const { makeWitnessKey } = await import("./make-witness-key.js");
      process.stdout.write(`${makeWitnessKey(path, name)}\n`);
      printNote(`made ${path}; keep it to the witness alone`);
    });
}
