/** How long a used login is remembered. A session id is fresh in every connection, so this only stops a replaying proxy. */
const REMEMBERED_MS = 10 * 60_000;
/** Logins remembered at once; beyond it the oldest are forgotten. */
const PROOFS_MAX = 100_000;

/**
 * The logins that were accepted lately: the same one is not accepted twice for the same purpose. A known hole: after these
 * minutes, or after a restart, a proxy that was taken over can use any login that it has seen once more. It acts as whoever is
 * connected to it anyway; roles that demand signed approvals are out of its reach.
 */
export class ProofMemory {
  /** To the monotonic time of use, in order of use. */
  readonly #used = new Map<string, number>();

  /** Takes note of a login, or of a refusal on its connection; false when it was used before. */
  use(purpose: "identify" | "open" | "refuse", sessionId: string, monotonicMs: number): boolean {
    for (const [key, atMs] of this.#used) {
      if (monotonicMs - atMs <= REMEMBERED_MS && this.#used.size < PROOFS_MAX) break;
      this.#used.delete(key);
    }
    const key = `${purpose} ${sessionId}`;
    if (this.#used.has(key)) return false;
    this.#used.set(key, monotonicMs);
    return true;
  }
}
