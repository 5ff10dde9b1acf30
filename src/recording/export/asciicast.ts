import type { ChannelView } from "../channels.js";
import { ChannelDrawing, type Drawn } from "../drawn.js";
import type { Frame } from "../frame.js";
import type { RecordingHeader } from "../header.js";
import { plainEnds } from "./line-end.js";

/** What a player shows for a channel that had no terminal. */
const usualSize = { columns: 80, rows: 24 };

/**
 * One channel as asciicast, version 2 or 3 (docs.asciinema.org/manual/asciicast), line by line. Time counts from the
 * channel's opening. With `keys`, input is in it; version 3 also tells the exit status.
 */
export async function* exportAsciicast(
  header: RecordingHeader,
  frames: AsyncIterable<Frame>,
  { version, channel, keys }: { version: 2 | 3; channel: number; keys: boolean },
): AsyncGenerator<string> {
  const drawing = new ChannelDrawing(channel, { keys });
  const cast = new Cast(version, header, drawing);
  for await (const frame of frames) yield* cast.lines(drawing.see(frame));
  yield* cast.lines(drawing.finish());
  yield* cast.end();
}

/** Writes the header as late as the first thing shown: by then the terminal's size is known. */
class Cast {
  readonly #version: 2 | 3;
  readonly #header: RecordingHeader;
  readonly #drawing: ChannelDrawing;
  #size: { columns: number; rows: number } | undefined;
  #begun = false;
  #lastUs = 0;
  #plainEnds = plainEnds();

  constructor(version: 2 | 3, header: RecordingHeader, drawing: ChannelDrawing) {
    this.#version = version;
    this.#header = header;
    this.#drawing = drawing;
  }

  *lines(drawn: readonly Drawn[]): Generator<string> {
    for (const item of drawn) {
      if (item.kind === "resize") {
        const { columns, rows } = item;
        this.#size = { columns, rows };
        if (!this.#begun) continue;
      }
      const [code, data] = this.#event(item);
      if (code === undefined || data === "") continue;
      yield* this.#begin();
      yield `${JSON.stringify([this.#time(item.atUs), code, data])}\n`;
    }
  }

  /** An empty recording still has its header. */
  *end(): Generator<string> {
    yield* this.#begin();
  }

  #event(item: Drawn): [code?: string, data?: string] {
    switch (item.kind) {
      case "output":
        return ["o", this.#drawing.view?.pty === undefined ? this.#plainEnds(item.text) : item.text];
      case "input":
        return ["i", item.text];
      case "resize":
        return ["r", `${item.columns}x${item.rows}`];
      case "exit":
        return this.#version === 3 && item.status !== undefined ? ["x", String(item.status)] : [];
    }
  }

  *#begin(): Generator<string> {
    if (this.#begun) return;
    this.#begun = true;
    const view = this.#drawing.view;
    this.#lastUs = view?.openedAtUs ?? 0;
    yield `${JSON.stringify(this.#version === 2 ? this.#headerV2(view) : this.#headerV3(view))}\n`;
  }

  #headerV2(view: ChannelView | undefined): object {
    const { columns, rows } = this.#size ?? usualSize;
    const env = view?.pty ? { env: { TERM: view.pty.term } } : {};
    return { version: 2, width: columns, height: rows, ...this.#about(view), ...env };
  }

  #headerV3(view: ChannelView | undefined): object {
    const { columns, rows } = this.#size ?? usualSize;
    const type = view?.pty ? { type: view.pty.term } : {};
    return { version: 3, term: { cols: columns, rows, ...type }, ...this.#about(view) };
  }

  #about(view: ChannelView | undefined): object {
    const { startedAtMs, login, target, session } = this.#header;
    const command = view?.start?.kind === "exec" ? { command: view.start.command } : {};
    const timestamp = Math.floor(startedAtMs / 1000 + (view?.openedAtUs ?? 0) / 1e6);
    return { timestamp, ...command, title: `${login}@${target} ${session}` };
  }

  /** Seconds: since the beginning in version 2, since the line before in version 3. */
  #time(atUs: number): number {
    const sinceUs = this.#version === 2 ? (this.#drawing.view?.openedAtUs ?? 0) : this.#lastUs;
    this.#lastUs = atUs;
    return Math.max(0, atUs - sinceUs) / 1e6;
  }
}
