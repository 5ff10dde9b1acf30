/** `npm run bench`: what the bastion costs, beside what it replaces. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { closeEverything } from "../test/harness/closing.js";
import { parseArguments, usage, UsageError, type Arguments } from "./arguments.js";
import { machineText } from "./machine.js";
import { openProgress } from "./progress.js";
import { measureLedger } from "./ledger.js";
import { measureRecording } from "./recording-hot-path.js";
import { measureRelay, rowNames } from "./relay/index.js";
import { keepsBudget, budgetText, type Row } from "./row.js";
import { tableText } from "./table.js";

const usageStatus = 2;

for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
] as const)
  process.once(signal, () => void closeEverything().finally(() => process.exit(128 + number)));

try {
  await run(parseArguments(process.argv.slice(2)));
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  if (isUsage) process.stderr.write("See: npm run bench -- --help\n");
  process.exitCode = isUsage ? usageStatus : 1;
} finally {
  await closeEverything();
}

async function run(given: Arguments): Promise<void> {
  if (given.help) {
    process.stdout.write(usage);
    return;
  }
  switch (given.benchmark) {
    case undefined:
      process.stderr.write(
        "bench: running relay; there are also recording and ledger, see npm run bench -- --help\n",
      );
      return relay(given);
    case "relay":
      return relay(given);
    case "recording":
      return measureRecording(given.rest[0], (line) => process.stdout.write(`${line}\n`));
    case "ledger":
      process.stdout.write(`${machineText()}\n`);
      return measureLedger(given.rest[0], given.entries, (line) => process.stdout.write(`${line}\n`));
    default:
      throw new UsageError(`there is no benchmark ${given.benchmark}: relay, recording or ledger`);
  }
}

async function relay({ json, only, progress: wanted, version, amounts }: Arguments): Promise<void> {
  const unknown = only.find((name) => !rowNames.some((row) => row.startsWith(name)));
  if (unknown !== undefined) throw new UsageError(`there is no row ${unknown}: ${rowNames.join(", ")}`);
  unpackTools();
  const progress = openProgress(wanted);
  const rows: Row[] = [];
  const before = machineText();
  const onRow = (row: Row) => {
    rows.push(row);
    if (!json) return;
    progress.end();
    process.stdout.write(`${JSON.stringify(jsonOf(row))}\n`);
  };
  const openssh = await measureRelay({ version, amounts, only, progress, onRow });
  progress.end();
  if (json) return;
  process.stdout.write(`${tableText(rows)}\nA ratio above 1: better than OpenSSH's own ssh -J.\n`);
  process.stdout.write(`${before}\n${openssh}\n`);
}

function jsonOf(row: Row): object {
  const met = keepsBudget(row);
  return met === undefined ? row : { ...row, budget: budgetText(row), met };
}

/** The real OpenSSH, both versions, as the tests use them. */
function unpackTools(): void {
  const script = fileURLToPath(new URL("../test/harness/unpack-tools.js", import.meta.url));
  const { status } = spawnSync(process.execPath, [script], { stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("the programs to measure against are not there; the reason is above");
}
