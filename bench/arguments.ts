import { parseArgs } from "node:util";
import { parseSize } from "../src/config/index.js";
import type { OpensshVersion } from "../test/harness/tools.js";
import type { Amounts } from "./relay/measurement.js";

export const usage = `Usage: npm run bench -- [BENCHMARK] [OPTIONS]

Benchmarks:
  relay      through the bastion, beside OpenSSH's own ssh -J on the same sshd (when none is named)
  recording  what recording 1 GB costs, without a network; DIR may follow: where to
  ledger     entries a second, waits, memory, time to open and to start; DIR may follow: where to

Options of ledger:
  --entries N     size of the ledger, measured at a tenth of it and at all of it (1000000); 10000000 takes
                  8 GB and some fifteen minutes

Options of relay:
  --only ROW      only rows whose name begins so; may be given again
  --runs N        pairs of transfers behind a median (3)
  --bytes SIZE    of each transfer (1GiB)
  --connects N    pairs of connects (200)
  --sessions N    idle sessions for their memory (100)
  --openssh V     9.2 or 10.0: client, sshd and jump host (10.0)
  --json          one object a row, a line each
  --progress      say on stderr what is measured, also when that is no terminal
  --help

Examples:
  npm run bench
  npm run bench -- relay --only relay-1gb --runs 5
  npm run bench -- relay --only idle --sessions 1000
  npm run bench -- relay --json > figures.jsonl
  npm run bench -- recording /var/tmp
  npm run bench -- ledger --entries 10000000 /var/tmp
`;

/** A command line that cannot be meant. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Arguments {
  readonly benchmark: string | undefined;
  readonly rest: readonly string[];
  readonly help: boolean;
  readonly json: boolean;
  readonly progress: boolean;
  readonly only: readonly string[];
  readonly version: OpensshVersion;
  readonly amounts: Amounts;
  /** Of the ledger. */
  readonly entries: number;
}

/** @throws UsageError */
export function parseArguments(words: readonly string[]): Arguments {
  const { values, positionals } = parse(words);
  const [benchmark, ...rest] = positionals;
  return {
    ...{ benchmark, rest, help: values.help, json: values.json, progress: values.progress },
    only: values.only,
    entries: count(values.entries, "--entries"),
    version: oneOf(values.openssh, ["9.2", "10.0"]),
    amounts: {
      runs: count(values.runs, "--runs"),
      bytes: size(values.bytes),
      connects: count(values.connects, "--connects"),
      keystrokes: 1000,
      idleSessions: count(values.sessions, "--sessions"),
      cuts: 25,
    },
  };
}

function parse(words: readonly string[]) {
  const flag = { type: "boolean", default: false } as const;
  const text = (fallback: string) => ({ type: "string", default: fallback }) as const;
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        ...{ help: { ...flag, short: "h" }, json: flag, progress: flag },
        only: { type: "string", multiple: true, default: [] },
        ...{ runs: text("3"), bytes: text("1GiB"), connects: text("200"), sessions: text("100") },
        ...{ openssh: text("10.0"), entries: text("1000000") },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function count(text: string, option: string): number {
  if (!/^[1-9]\d{0,7}$/.test(text))
    throw new UsageError(`${option}: expected a number from 1 on, not ${text}`);
  return Number(text);
}

function size(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined || bytes === 0)
    throw new UsageError(`--bytes: expected a size such as 100MiB, not ${text}`);
  return bytes;
}

function oneOf<T extends string>(text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new UsageError(`expected ${allowed.join(" or ")}, not ${text}`);
  return found;
}
