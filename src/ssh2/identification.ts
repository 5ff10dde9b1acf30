/** Our identification line (RFC 4253 section 4.2), without CR LF and "SSH-2.0-": no version detail for strangers. */
export const identification = "Bascule_1.0";

/** Longest identification line, CR LF included (RFC 4253 section 4.2). */
const lineBytesMax = 255;
/** What a server may say before its identification line (the same section); a legal notice fits. */
const greetingBytesMax = 16 * 1024;
const lineFeed = 0x0a;

/**
 * Gathers the peer's first bytes until its identification line is whole. ssh2 1.17.0 keeps the first part of a line that
 * comes in pieces and loses the second, and takes 8 MiB of greeting.
 */
export class IdentificationGate {
  readonly #bytesMax: number;
  readonly #mayGreet: boolean;
  #held: Buffer = Buffer.alloc(0);

  /** Only a server may send lines before its identification. */
  constructor(peer: "client" | "server") {
    this.#mayGreet = peer === "server";
    this.#bytesMax = this.#mayGreet ? greetingBytesMax : lineBytesMax;
  }

  /** All bytes so far once the line is there, undefined before. Throws when it does not come. */
  push(bytes: Buffer): Buffer | undefined {
    this.#held = Buffer.concat([this.#held, bytes]);
    if (this.#isWhole()) return this.#held;
    if (this.#held.length > this.#bytesMax) throw new Error("no identification line");
    return undefined;
  }

  #isWhole(): boolean {
    for (let start = 0; ;) {
      const end = this.#held.indexOf(lineFeed, start);
      if (end < 0) return false;
      if (!this.#mayGreet || this.#held.toString("latin1", start, start + 4) === "SSH-") return true;
      start = end + 1;
    }
  }
}

/** What a peer calls itself, fit for a log and a terminal: printable ASCII (RFC 4253 section 4.2), at most 255. */
export function softwareName(software: string): string {
  return software.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, lineBytesMax);
}
