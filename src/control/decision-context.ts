import type { GrantId, SessionId } from "../access/index.js";
import type { Config } from "../config/index.js";
import type { DiskWatch } from "./disk/disk-watch.js";
import type { Authority } from "./keys/authority.js";
import type { Clocks } from "./clocks.js";
import type { Keeper } from "./keeper.js";
import type { LiveSessions } from "./sessions/live-sessions.js";
import type { ControlLog } from "./log.js";
import type { ProofMemory } from "./logins/proof-memory.js";
import type { Salts } from "./refusals/salts.js";
import type { Turns } from "./turns.js";

/** What every decision is made from. */
export interface DecisionContext {
  /** The configuration in force; another one after a reload. */
  readonly config: () => Config;
  readonly authority: Authority;
  readonly keeper: Keeper;
  readonly live: LiveSessions;
  readonly proofs: ProofMemory;
  readonly clocks: Clocks;
  readonly log: ControlLog;
  /** Whoever extends or takes back a grant waits for who did it before. */
  readonly grantTurns: Turns<GrantId>;
  /** Whoever changes, moves or deletes a session's recording waits for who did it before. */
  readonly recordingTurns: Turns<SessionId>;
  /** A hold is set before or after a recording is deleted or redacted, never while that is being decided. */
  readonly holdTurns: Turns<"hold">;
  readonly disk: DiskWatch;
  readonly salts: Salts;
}
