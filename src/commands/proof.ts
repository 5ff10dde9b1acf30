import {
  EvidenceError,
  bundleFiles,
  homeSource,
  makeBundle,
  tarOf,
  type Bundle,
  type EvidenceSource,
} from "../evidence/index.js";
import type { SessionId, SessionState } from "../access/index.js";
import { LedgerError } from "../control/index.js";
import { idPrefix, required } from "./argument.js";
import { bytesNeedNoTerminal } from "./bytes-need-no-terminal.js";
import { CommandError } from "./command-error.js";
import { defineCommand, type CommandContext } from "./define.js";
import { findSession } from "./lookup.js";

/** Of which session somebody may now take the proof, where the files are. */
export interface ProofAllowed {
  readonly session: SessionId;
}

export const proof = defineCommand({
  examples: ["proof ses-0f3k > bundle.tar"],
  audience: "auditors",
  positionals: {
    session: required(idPrefix, { placeholder: "SESSION", summary: "ses-…, or what begins it" }),
  },
  options: {},
  async run(context, values) {
    const { control, caller } = context;
    const state = findSession(context, values.session);
    const { session } = state;
    bytesNeedNoTerminal(context, `proof ${session} > ${session}.tar`);
    await control.recordings.noteReading(session, caller.name, "proof");
    await control.ledger.proof.publish(); // what has just happened is to be under the checkpoint
    const allowed: ProofAllowed = { session };
    if (caller.via === "local") return { text: `${session}\n`, json: allowed };
    const { recordings, archive } = control.config;
    const source = homeSource({ home: control.paths.home, recordings, archive });
    const bundle = await bundleOf(context, source, state);
    const { entries, size, witnesses } = bundle;
    return {
      text: "",
      json: { session, entries, size, witnesses },
      stream: tarOf(bundleFiles(source, bundle)),
    };
  },
});

async function bundleOf(
  { control, signal }: CommandContext,
  source: EvidenceSource,
  { session, grant, serial, identity, target }: SessionState,
): Promise<Bundle> {
  const request = control.state.grants.get(grant)?.request;
  const names = [grant, serial, ...(request === undefined ? [] : [request])];
  const known = { identity, target, names };
  return makeBundle(source, session, { known, signal }).catch((error: unknown) => {
    if (!(error instanceof EvidenceError || error instanceof LedgerError)) throw error;
    throw new CommandError("failed", `${session} cannot be proven: ${error.message}`);
  });
}
