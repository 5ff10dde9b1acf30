// Appends to the ledger in argv[2] for ever, several at a time, and prints the number of each entry once it is durable.
import { writeSync } from "node:fs";
import { openLedger, type EntryCodec } from "../../src/ledger/index.js";
import { ledgerPlace } from "../harness/ledger-place.js";

const appendersAtOnce = 8;

export const codec: EntryCodec<string> = { encode: String, decode: String };

/** What is stored under a number: enough to be sure that it is that one, and of many lengths. */
export const textOf = (sequence: number): string => `entry ${sequence} ${"x".repeat(sequence % 700)}`;

if (process.argv[1] === import.meta.filename) {
  const ledger = await openLedger({ ...ledgerPlace(process.argv[2] ?? ""), codec, nowMs: Date.now });
  let sequence = ledger.size;
  const appendForEver = async (): Promise<never> => {
    for (;;) {
      const expected = sequence++;
      const index = await ledger.append(textOf(expected));
      if (index !== expected) throw new Error(`entry ${expected} got number ${index}`);
      writeSync(1, `${index}\n`); // in one piece and at once: the parent counts it as acknowledged
    }
  };
  await Promise.all(Array.from({ length: appendersAtOnce }, appendForEver));
}
