import type { SessionId } from "../../access/index.js";

/** A session's part of the disk. */
interface Reserve {
  quotaBytes: number;
  recordedBytes: number;
}

/** The most that a session is given at once: some tenths of a second of the fastest copy. */
const GIVEN_BYTES_MAX = 256 * 2 ** 20;
/** Less than this is not worth a session's next question. */
const GIVEN_BYTES_MIN = 64 * 2 ** 10;

/**
 * What is set aside for the recordings of live sessions. Pure bookkeeping: what is free is asked elsewhere; what a session has
 * recorded is no longer free, and so only the rest of its quota counts.
 */
export class Reserves {
  readonly #reserves = new Map<SessionId, Reserve>();

  /** What live sessions may still write, together. */
  get outstandingBytes(): number {
    let sum = 0;
    for (const { quotaBytes, recordedBytes } of this.#reserves.values())
      sum += Math.max(0, quotaBytes - recordedBytes);
    return sum;
  }

  /** How many sessions have one. */
  get count(): number {
    return this.#reserves.size;
  }

  set(session: SessionId, quotaBytes: number, recordedBytes = 0): void {
    this.#reserves.set(session, { quotaBytes, recordedBytes });
  }

  /** How far a recording has come. */
  note(session: SessionId, recordedBytes: number): void {
    const reserve = this.#reserves.get(session);
    if (reserve !== undefined) reserve.recordedBytes = Math.max(reserve.recordedBytes, recordedBytes);
  }

  forget(session: SessionId): void {
    this.#reserves.delete(session);
  }

  quotaOf(session: SessionId): number {
    return this.#reserves.get(session)?.quotaBytes ?? 0;
  }

  /**
   * Gives a session more of `roomBytes`, which nobody has yet: as much again as it has, but of a room that becomes small no
   * more than a quarter beyond a first reserve, so that others get some too. Says whether there was any.
   */
  grow(session: SessionId, roomBytes: number, reserveBytes: number): boolean {
    const reserve = this.#reserves.get(session);
    if (reserve === undefined || roomBytes < GIVEN_BYTES_MIN) return false;
    const wanted = Math.min(Math.max(reserve.quotaBytes, reserveBytes), GIVEN_BYTES_MAX);
    const fair = Math.max(reserveBytes, Math.floor(roomBytes / 4));
    reserve.quotaBytes += Math.min(wanted, fair, roomBytes);
    return true;
  }
}
