import { readFileSync } from "node:fs";
import { EXIT } from "../../commands/index.js";
import { parseHostPort, formatHostPort } from "../../wording/index.js";
import { checkSecretFile } from "../../home/index.js";
import { encodeVerifierKey, LedgerError, parseSigner, type Signer } from "../../ledger/index.js";
import { parseLogs, startWitness } from "../../witness/index.js";
import { CliError } from "../cli-error.js";
import { openStreamLog } from "../log.js";

export interface WitnessFlags {
  readonly key?: string;
  readonly listen: string;
  readonly state?: string;
  readonly log: readonly string[];
}

/** Runs a witness until SIGTERM or Ctrl-C; gives the exit status. Throws CliError, ControlError, WitnessError. */
export async function runWitness(flags: WitnessFlags, print: (line: string) => void): Promise<number> {
  const { key, state: folder, log: logs } = flags;
  if (key === undefined || folder === undefined || logs.length === 0)
    throw new CliError(
      EXIT.usage,
      "witness: expected --key, --state and at least one --log",
      "see it with --help",
    );
  const stopped = new Promise<void>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve());
  });
  const listen = parseHostPort(flags.listen);
  if (listen === undefined)
    throw new CliError(EXIT.usage, "--listen: expected an address such as 127.0.0.1:8030");
  const signer = readSigner(key);
  const log = openStreamLog("witness");
  const failure = new AbortController();
  const server = await startWitness({
    ...{ signer, logs: parseLogs(logs), folder, listen, log },
    ...{ nowMs: () => Date.now(), onFailure: () => failure.abort() },
  });
  print(`witness ${encodeVerifierKey(signer.verifier)} serving on http://${formatHostPort(server)}`);
  const failed = new Promise<void>((resolve) => failure.signal.addEventListener("abort", () => resolve()));
  await Promise.race([stopped, failed]);
  await server.close();
  log.info({}, "witness stopped");
  return failure.signal.aborted ? EXIT.failed : EXIT.done;
}

/** Throws ControlError for a file that others can read, CliError for one that holds no witness' key. */
function readSigner(path: string): Signer {
  checkSecretFile(path);
  const text = readFileSync(path, "utf8");
  try {
    const signer = parseSigner(text.endsWith("\n") ? text.slice(0, -1) : text);
    if (signer.verifier.type === "cosignature") return signer;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
  }
  throw new CliError(
    EXIT.usage,
    `${path}: not a witness' key`,
    "make one: bascule witness key FILE --name NAME",
  );
}
