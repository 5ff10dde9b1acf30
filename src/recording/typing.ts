import { TextDecoder } from "node:util";
import { Keystrokes, type Decided } from "./keystrokes.js";

/** Longest text of one frame, in UTF-16 units; more typed at once is several. */
const textCharactersMax = 16 * 1024;

interface TypedOn {
  readonly keystrokes: Keystrokes;
  /** They carry a character that packets split. */
  readonly input: TextDecoder;
  output: TextDecoder;
}

/** What was typed on a terminal, as it may be shown to who has only the data key: dots for what was not echoed. */
export interface TypedText {
  readonly channel: number;
  readonly text: string;
  /** When its first key was typed, and into which block. */
  readonly fromUs: number;
  readonly fromBlock: number;
}

/**
 * Follows typing and echo on a session's terminals while it lives, because only then both are there in the clear. While
 * nothing was typed lately, output costs one look-up and is not looked at.
 */
export class Typing {
  readonly #channels = new Map<number, TypedOn>();
  #waiting = 0;

  /** Something is undecided: {@link expire} will decide it. */
  get waiting(): boolean {
    return this.#waiting > 0;
  }

  typed(channel: number, bytes: Buffer, atUs: number, block = 0): TypedText[] {
    const typedOn = this.#channels.get(channel) ?? newChannel();
    this.#channels.set(channel, typedOn);
    if (!typedOn.keystrokes.waiting) typedOn.output = newDecoder();
    typedOn.keystrokes.typed(typedOn.input.decode(bytes, { stream: true }), atUs, block);
    return this.#decided(channel, typedOn);
  }

  echoed(channel: number, bytes: Buffer, atUs: number): TypedText[] {
    if (this.#waiting === 0) return [];
    const typedOn = this.#channels.get(channel);
    if (typedOn?.keystrokes.waiting !== true) return [];
    typedOn.keystrokes.echoed(typedOn.output.decode(bytes, { stream: true }), atUs);
    return this.#decided(channel, typedOn);
  }

  /** Decides what was typed too long before `atUs`. */
  expire(atUs: number): TypedText[] {
    return this.#each((keystrokes) => keystrokes.expire(atUs));
  }

  /** Decides the rest: nothing more will come. */
  finish(): TypedText[] {
    return this.#each((keystrokes) => keystrokes.finish());
  }

  #each(decide: (keystrokes: Keystrokes) => void): TypedText[] {
    return [...this.#channels].flatMap(([channel, typedOn]) => {
      decide(typedOn.keystrokes);
      return this.#decided(channel, typedOn);
    });
  }

  #decided(channel: number, { keystrokes }: TypedOn): TypedText[] {
    const texts = keystrokes.takeDecided().flatMap(split);
    this.#waiting = 0;
    for (const each of this.#channels.values()) if (each.keystrokes.waiting) this.#waiting++;
    return texts.map((text) => ({ channel, ...text }));
  }
}

function newChannel(): TypedOn {
  return { keystrokes: new Keystrokes(), input: newDecoder(), output: newDecoder() };
}

function newDecoder(): TextDecoder {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

function split({ text, ...from }: Decided): Decided[] {
  const pieces: Decided[] = [];
  for (let at = 0; at < text.length; at += textCharactersMax)
    pieces.push({ text: text.slice(at, at + textCharactersMax), ...from });
  return pieces;
}
