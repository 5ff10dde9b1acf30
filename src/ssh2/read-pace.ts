/**
 * When to leave a socket unread for a moment. A peer that sends much sends a packet at a time, and to read each as it comes costs
 * more than to decrypt it: a turn of the event loop, a system call to read, one to record and one to send. A millisecond later
 * there are several, for the price of one.
 *
 * It is tried where a read brought much, and given up for a while where the moment brought nothing more: a peer that sends
 * one packet and waits for its answer shall not wait for us.
 */
const muchBytes = 16 * 1024;
/** More than one packet of the usual 32 KiB. */
const severalBytes = 48 * 1024;
/** Reads until it is tried again: more and more where it is in vain, so that who waits for each answer hardly waits for us. */
const readsUntilNextTry = { first: 16, last: 1024 };

/** How long a moment is: the shortest that a timer knows. */
export const momentMs = 1;

/** Decides for one socket. */
export class ReadPace {
  #rested = false;
  #readsUntilTry = 0;
  #inVain = readsUntilNextTry.first;

  /** Whether to rest after a read of `bytes` out of at most `bytesMax`. */
  restsAfter(bytes: number, bytesMax: number): boolean {
    if (this.#rested) this.#judge(bytes);
    if (bytes < muchBytes || bytes >= bytesMax) return false; // little, or more is there already
    if (this.#readsUntilTry > 0) {
      this.#readsUntilTry--;
      return false;
    }
    this.#rested = true;
    return true;
  }

  #judge(bytes: number): void {
    this.#rested = false;
    if (bytes >= severalBytes) {
      this.#inVain = readsUntilNextTry.first;
      return;
    }
    this.#readsUntilTry = this.#inVain;
    this.#inVain = Math.min(2 * this.#inVain, readsUntilNextTry.last);
  }
}
