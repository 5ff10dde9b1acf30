import { sha256 } from "../chain.js";
import type { VerifiedRecording } from "../verify.js";

/** What the ledger's entries let be substituted in one recording, in their present state: a session of the folded state has it. */
export interface AllowedEdits {
  /** Of the last `recording.rewrapped`; none while the keys block is the first one. */
  readonly rewrapped?: { readonly substitute: string } | undefined;
  /** One for each `recording.redacted`. `from` and `to` are both substituted. */
  readonly redacted?:
    | readonly {
        readonly redaction: string;
        readonly from: number;
        readonly to: number;
        readonly substitutes: string;
      }[]
    | undefined;
}

/** A substitute as the file holds it: its place, and the whole block. */
export type FoundSubstitute = Pick<VerifiedRecording["substitutes"][number], "block" | "bytes">;

export interface SubstituteFault {
  /** `substitute-unknown`: no entry allows it, or another one. `substitute-missing`: an entry says that it is there, and it is not. */
  readonly code: "substitute-unknown" | "substitute-missing";
  readonly block: number;
  readonly detail: string;
}

const KEYS_BLOCK = 1;

/** Hex SHA-256 of one block as it is in the file: what `recording.rewrapped` names. */
export function digestOfBlock(block: Buffer): string {
  return sha256(block).toString("hex");
}

/** Hex SHA-256 over the SHA-256 of each block, in order: what `recording.redacted` names. */
export function digestOfBlocks(blocks: readonly Buffer[]): string {
  return sha256(Buffer.concat(blocks.map(sha256))).toString("hex");
}

/**
 * What is wrong with the substitutes of a recording: each must be the one that an entry names, and each that an entry
 * names must be there. The file is changed after its entry was written, so whoever reads both beside a running bastion must
 * have read the entries after the file before they call a substitute unknown, and before it to call one missing.
 */
export function substituteFaults(
  found: readonly FoundSubstitute[],
  { rewrapped, redacted = [] }: AllowedEdits,
): readonly SubstituteFault[] {
  const rest = new Map(found.map(({ block, bytes }) => [block, bytes]));
  const faults: SubstituteFault[] = [];
  const keys = rest.get(KEYS_BLOCK);
  rest.delete(KEYS_BLOCK);
  faults.push(...keysFaults(keys, rewrapped?.substitute));
  for (const stretch of redacted) {
    faults.push(...stretchFaults(rest, stretch));
    // attacker-controlled: a stretch may be said to have any length
    for (const block of rest.keys()) if (block >= stretch.from && block <= stretch.to) rest.delete(block);
  }
  for (const block of rest.keys())
    faults.push({ code: "substitute-unknown", block, detail: "no entry lets this block be taken out" });
  return faults;
}

function keysFaults(found: Buffer | undefined, allowed: string | undefined): readonly SubstituteFault[] {
  const fault = (code: SubstituteFault["code"], detail: string) => [{ code, block: KEYS_BLOCK, detail }];
  if (found === undefined && allowed === undefined) return [];
  if (found === undefined)
    return fault("substitute-missing", "the keys were wrapped anew, and the file has the first ones");
  if (allowed === undefined) return fault("substitute-unknown", "no entry lets the keys be wrapped anew");
  if (digestOfBlock(found) === allowed) return [];
  return fault("substitute-unknown", "the keys are not those that were wrapped last");
}

function stretchFaults(
  found: ReadonlyMap<number, Buffer>,
  { redaction, from, to, substitutes }: NonNullable<AllowedEdits["redacted"]>[number],
): readonly SubstituteFault[] {
  const blocks: Buffer[] = [];
  for (let block = from; block <= to; block += 1) {
    const bytes = found.get(block);
    if (bytes === undefined)
      return [
        { code: "substitute-missing", block, detail: `${redaction} took this block out, and it is there` },
      ];
    blocks.push(bytes);
  }
  if (digestOfBlocks(blocks) === substitutes) return [];
  const detail = `blocks ${from} to ${to} are not what ${redaction} put there`;
  return [{ code: "substitute-unknown", block: from, detail }];
}
