import { matchId, type IdMatch, type SessionId } from "../../access/index.js";
import type { EvidenceSource } from "../evidence-source.js";
import { readCheckpoints } from "./checkpoints.js";
import { openFound } from "./find-entries.js";
import { bundlesOf } from "./ledger-reader.js";

const STARTED = Buffer.from('"session.started"');

/** The session that an id or its beginning means, of those that a ledger's files know. Throws EvidenceError, LedgerError. */
export async function findSessionIn(source: EvidenceSource, prefix: string): Promise<IdMatch<SessionId>> {
  const { newest } = await readCheckpoints(source);
  const ids: SessionId[] = [];
  for await (const bundle of bundlesOf(source, newest.size)) {
    if (!bundle.bytes.includes(STARTED)) continue; // most bundles of a large ledger have none
    for (const [at, bytes] of bundle.entries().entries()) {
      if (!bytes.includes(STARTED)) continue;
      const { event } = openFound(bundle.first + at, bytes);
      if (event.type === "session.started") ids.push(event.session);
    }
  }
  return matchId(prefix, ids);
}
