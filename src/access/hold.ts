import type { HoldId, SessionId } from "./id.js";

/** What a legal hold is on: one session, or all of an identity or on a target, past and future. Exactly one of them. */
export interface HoldSubject {
  readonly session?: SessionId;
  /** It need not be in the policy (any more), nor need the target. */
  readonly identity?: string;
  readonly target?: string;
}

/** A legal hold: while it is in force, nothing that it covers is deleted or redacted. */
export interface HoldState extends HoldSubject {
  readonly hold: HoldId;
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
  readonly lifted?: { readonly atMs: number; readonly by: string; readonly reason: string };
}
