import type { GrantId, LockSubject, SessionId } from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";
import { lock, unlock } from "./lock.js";
import { killSession, revokeCertificate, revokeGrant } from "./revoke.js";
import { revocationList } from "./revoked-keys.js";

/** Takes access back at once, whoever gave it. Each resolves when it is written down, with the sessions that were cut. */
export class CutDesk {
  readonly #context: DecisionContext;

  constructor(context: DecisionContext) {
    this.#context = context;
  }

  /** Locks an identity, a target or a serial. */
  lock(subject: LockSubject, by: string, reason: string): Promise<readonly SessionId[]> {
    return lock(this.#context, subject, by, reason);
  }

  /** Lifts a lock; one that is not there stays so. */
  unlock(subject: LockSubject, by: string, reason: string): Promise<void> {
    return unlock(this.#context, subject, by, reason);
  }

  /** Takes back a grant that state knows. */
  revokeGrant(grant: GrantId, by: string, reason: string): Promise<readonly SessionId[]> {
    return revokeGrant(this.#context, grant, by, reason);
  }

  /** Revokes a serial that state knows, or any key by its fingerprint. */
  revokeCertificate(
    what: { readonly serial: string } | { readonly fingerprint: string },
    by: string,
    reason: string,
  ): Promise<readonly SessionId[]> {
    return revokeCertificate(this.#context, what, by, reason);
  }

  /** Ends a live session; its grant stays. */
  killSession(session: SessionId, by: string, reason: string): Promise<void> {
    return killSession(this.#context, session, by, reason);
  }

  /** The OpenSSH key revocation list of all that was taken back. */
  revocationList(): Buffer {
    const { keeper, authority, clocks } = this.#context;
    return revocationList(keeper.state, authority.userCa, keeper.size, clocks.wallMs());
  }
}
