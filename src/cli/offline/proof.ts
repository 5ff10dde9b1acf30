import { createWriteStream, existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { ControlUnreachable, EXIT, type ProofAllowed } from "../../commands/index.js";
import {
  bundleFiles,
  findSessionIn,
  homeSource,
  makeBundle,
  tarOf,
  verifyBundle,
  type Bundle,
  type EvidenceSource,
} from "../../evidence/index.js";
import type { SessionId } from "../../access/index.js";
import { counted } from "../../wording/index.js";
import { CliError } from "../cli-error.js";
import { findHome, type HomeHints } from "../find-home.js";
import { printJson, printNote, printPieces, printResult } from "../print.js";
import { askRunning } from "../run-shared.js";
import { evidenceIn, type EvidencePlaces } from "./find-evidence.js";

export interface ProofWish extends EvidencePlaces {
  /** A new folder; else a tar archive goes to stdout. */
  readonly out?: string;
  readonly json?: boolean;
}

/**
 * Takes a session's proof out of a home's files, having asked the bastion that is at work there to write that down. Gives the exit
 * status. Throws CliError.
 */
export async function proofCommand(what: string, wish: ProofWish, hints: HomeHints): Promise<number> {
  const { out, json = false, ...places } = wish;
  if (out === undefined && (json || process.stdout.isTTY))
    throw new CliError(
      EXIT.usage,
      "a proof is many files",
      `into a new folder: bascule proof ${what} --out DIR; as an archive: bascule proof ${what} > bundle.tar`,
    );
  if (out !== undefined && existsSync(out)) throw isThere(out); // before anybody writes down that it was taken
  const { source } = await evidenceIn((await findHome(hints)).home, places);
  const session = (await allowed(what, hints)) ?? (await sessionIn(source, what));
  const bundle = await makeBundle(source, session);
  if (out !== undefined) return writeOut(source, bundle, resolve(out), json);
  await printPieces(tarOf(bundleFiles(source, bundle)));
  return EXIT.done;
}

/** The session that the bastion has written down to be taken; undefined where no bastion is. */
async function allowed(what: string, hints: HomeHints): Promise<SessionId | undefined> {
  try {
    const { json } = await askRunning("proof", { session: [what] }, hints);
    return (json as ProofAllowed).session; // our own bastion's word
  } catch (error) {
    if (!(error instanceof ControlUnreachable)) throw error;
    printNote("no bastion answers, so that no entry says that this proof was taken");
    return undefined;
  }
}

async function sessionIn(source: EvidenceSource, prefix: string): Promise<SessionId> {
  const match = await findSessionIn(source, prefix);
  if (match.kind === "unique") return match.id;
  if (match.kind === "several")
    throw new CliError(
      EXIT.usage,
      `${prefix} could be ${match.candidates.join(", ")}`,
      "give more of the id",
    );
  throw new CliError(EXIT.notFound, `there is no session ${prefix} in ${source.name}`);
}

/** Writes it whole, or not at all, and checks what is on the disk as whoever gets it will. */
async function writeOut(source: EvidenceSource, bundle: Bundle, out: string, json: boolean): Promise<number> {
  await mkdir(out, { mode: 0o700 }).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? isThere(out) : error;
  });
  try {
    for await (const { path, pieces } of bundleFiles(source, bundle)) {
      const file = join(out, path);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await pipeline(pieces, createWriteStream(file, { flags: "wx", mode: 0o600 }));
    }
  } catch (error) {
    await rm(out, { recursive: true });
    throw error;
  }
  const { session, entries, size, witnesses } = bundle;
  const { faults } = await verifyBundle(homeSource({ home: out, recordings: join(out, "recordings") }));
  const about = { session: session.session, out, entries, size, witnesses, faults };
  if (json) await printJson(about);
  else await printResult(`${out}\n`);
  if (faults.length > 0) {
    printNote("what was taken does not hold: the evidence itself is not whole, or was changed");
    printNote(`see what is wrong: bascule verify ${out}`);
    return EXIT.verificationFailed;
  }
  const seen = witnesses.length === 0 ? "no witness has signed it" : `signed by ${witnesses.join(", ")} too`;
  printNote(`${counted(entries, "entry", "entries")} of ${size} prove ${session.session}; ${seen}`);
  printNote("whoever gets it checks it with: bascule verify DIR --verifier KEY  (README there says more)");
  return EXIT.done;
}

function isThere(out: string): CliError {
  return new CliError(
    EXIT.failed,
    `${out} is there already`,
    "a proof overwrites nothing: name a new folder",
  );
}
