import { holdsFrames, isSealed, SealedBit } from "../block.js";
import { openBlockSource } from "../block-source.js";
import { sha256, type Head } from "../chain.js";
import { RecordingError } from "../recording-error.js";
import { substituteAnew, TORN_KIND } from "../substitute.js";
import { Walk, type Step } from "../walk.js";
import { systemFiles, type EditFiles } from "./edit-files.js";
import { redactionStatement, type RedactionStatement } from "./redaction-statement.js";
import { prepareRewrite, tornStep, verifyHead, type PreparedRewrite } from "./rewrite.js";
import { digestOfBlocks } from "./substitute-faults.js";

/** The first and the last of the blocks that are to go. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Why blocks of a recording cannot be redacted, or undefined: a closed list, for people to be told. */
export type UnredactableBlocks =
  | { readonly reason: "no-such-block"; readonly last: number }
  | { readonly reason: "end-block"; readonly block: number }
  | { readonly reason: "redacted-before"; readonly block: number };

/**
 * Whether blocks can be redacted: they must be there, hold frames, and be there still. What a dead writer left behind the last whole
 * block counts as one more. The last block of a closed recording
 * holds nothing but how the session ended; that stays. `bytes` is what they take in the file.
 * @throws RecordingError for a recording that is not whole, `head-mismatch` for one that is not the promised one
 */
export async function inspectStretch(
  path: string,
  { from, to }: Stretch,
  promised?: Head,
): Promise<{ readonly fault?: UnredactableBlocks; readonly bytes: number }> {
  const source = await openBlockSource(path);
  const walk = new Walk();
  let [bytes, last] = [0, -1];
  let fault: UnredactableBlocks | undefined;
  const see = (step: Step): void => {
    last = step.number;
    if (last < from || last > to) return;
    bytes += step.block.bytes.length;
    fault ??= blockFault(step);
  };
  try {
    const blocks = source.blocks();
    let next = await blocks.next();
    for (; next.done !== true; next = await blocks.next()) {
      const step = walk.enter(next.value);
      walk.leave(step);
      see(step);
    }
    if (next.value.length > 0) {
      const torn = tornStep(next.value, walk, walk.head().bytes);
      if (torn.number <= to) verifyTorn(torn, promised);
      see(torn);
    }
  } finally {
    await source.close();
  }
  verifyHead(walk.head(), promised);
  if (fault === undefined && last < to) fault = { reason: "no-such-block", last };
  return fault === undefined ? { bytes } : { bytes, fault };
}

function blockFault({ number: block, kind, substitute }: Step): UnredactableBlocks | undefined {
  if (!isRedactable(kind)) throw new TypeError("header and keys are not to be redacted");
  if (isLast(kind)) return { reason: "end-block", block };
  return substitute === undefined ? undefined : { reason: "redacted-before", block };
}

/**
 * Prepares a recording without some of its blocks; each has the statement in its place. What is in their place already by this
 * very statement stays. Gives the digest that the ledger is to name.
 * @throws RecordingError as prepareRewrite does, and `substitute-invalid` for blocks that cannot be redacted
 */
export async function prepareRedaction(
  path: string,
  { from, to }: Stretch,
  { statement, promised }: { readonly statement: RedactionStatement; readonly promised: Head | undefined },
  files: EditFiles = systemFiles,
): Promise<{ readonly prepared: PreparedRewrite; readonly substitutes: string }> {
  const made: Buffer[] = [];
  const substitute = (step: Step): Buffer | undefined => {
    if (step.number < from || step.number > to) return undefined;
    if (step.kind === TORN_KIND && step.substitute === undefined) verifyTorn(step, promised);
    const instead = substituteOf(step, statement);
    made.push(instead);
    return step.substitute === undefined ? instead : undefined;
  };
  const prepared = await prepareRewrite({ path, promised, substitute }, files);
  if (made.length === to - from + 1) return { prepared, substitutes: digestOfBlocks(made) };
  await files.remove(prepared.copy).catch(() => undefined);
  throw new RecordingError("substitute-invalid", "blocks to be redacted are not there");
}

function substituteOf({ number, kind, block, substitute }: Step, statement: RedactionStatement): Buffer {
  if (!isRedactable(kind) || isLast(kind))
    throw new RecordingError("substitute-invalid", `block ${number} cannot be redacted`, {
      offset: block.offset,
    });
  const of = substitute ?? { kind, bytes: block.bytes.length, hash: sha256(block.bytes) };
  const instead = substituteAnew(of, redactionStatement(statement));
  if (substitute !== undefined && !instead.equals(block.bytes))
    throw new RecordingError(
      "substitute-invalid",
      `block ${number} was redacted before, for another reason`,
      {
        offset: block.offset,
      },
    );
  return instead;
}

/** What a dead writer left must be what the ledger names: its entry would explain away what somebody put there. @throws RecordingError `head-mismatch` */
function verifyTorn({ block: { bytes, offset } }: Step, promised: Head | undefined): void {
  const { torn } = promised ?? {};
  if (promised === undefined || torn?.hash === sha256(bytes).toString("hex")) return;
  throw new RecordingError("head-mismatch", "what is behind the last whole block is not what was promised", {
    offset,
  });
}

function isRedactable(kind: number): boolean {
  return holdsFrames(kind) || kind === TORN_KIND;
}

function isLast(kind: number): boolean {
  return isSealed(kind) && (kind & SealedBit.last) !== 0;
}
