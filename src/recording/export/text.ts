import { ChannelDrawing, type Drawn } from "../drawn.js";
import type { Frame } from "../frame.js";
import { Screen } from "../screen.js";

/** What becomes of stderr where it came apart from stdout: for channels without a terminal. */
export type StderrIn = "with-output" | "marked" | "only" | "nowhere";

/**
 * What one channel showed, as text. With a terminal: its lines from the first to the screen at the end, as an
 * emulator shows them. Without: the bytes as they were; `marked` begins each line of stderr with `stderr: `.
 */
export async function* exportText(
  frames: AsyncIterable<Frame>,
  { channel, stderr }: { channel: number; stderr: StderrIn },
): AsyncGenerator<Buffer> {
  const drawing = new ChannelDrawing(channel, { keys: false });
  const text = new Text(drawing, stderr);
  for await (const frame of frames) yield* text.take(drawing.see(frame));
  yield* text.take(drawing.finish());
  yield* text.end();
}

class Text {
  readonly #drawing: ChannelDrawing;
  readonly #stderr: StderrIn;
  #screen: Screen | undefined;
  /** Whose line is not yet ended: stderr's (true), stdout's (false), nobody's. For `marked`. */
  #openLine: boolean | undefined;

  constructor(drawing: ChannelDrawing, stderr: StderrIn) {
    this.#drawing = drawing;
    this.#stderr = stderr;
  }

  async *take(drawn: readonly Drawn[]): AsyncGenerator<Buffer> {
    for (const item of drawn) {
      const pty = this.#drawing.view?.pty;
      if (pty && item.kind !== "exit") this.#screen ??= new Screen(pty);
      if (item.kind === "resize") await this.#screen?.resize(item);
      if (item.kind !== "output") continue;
      if (this.#screen === undefined) yield* this.#plain(item);
      else if (this.#screen.feed(item.text)) yield* this.#settle(this.#screen);
    }
  }

  async *end(): AsyncGenerator<Buffer> {
    if (this.#screen === undefined) return;
    yield* this.#settle(this.#screen);
    yield* linesOut(this.#screen.restLines());
    this.#screen.dispose();
  }

  async *#settle(screen: Screen): AsyncGenerator<Buffer> {
    const lines: string[] = [];
    await screen.settle(() => lines.push(...screen.takeLines()));
    yield* linesOut(lines);
  }

  /** A notice for a command without a terminal went to its stderr. */
  *#plain({ stream, bytes }: Extract<Drawn, { kind: "output" }>): Generator<Buffer> {
    const apart = stream !== "stdout";
    if (bytes.length === 0 || (apart ? this.#stderr === "nowhere" : this.#stderr === "only")) return;
    if (this.#stderr === "marked") yield* this.#marked(bytes, apart);
    else yield bytes;
  }

  /** Stderr gets lines of its own; a line that was cut off by the other stream is ended before. */
  *#marked(bytes: Buffer, apart: boolean): Generator<Buffer> {
    if (this.#openLine !== undefined && this.#openLine !== apart) yield Buffer.from("\n");
    let goesOn = this.#openLine === apart;
    for (const line of apart ? bytes.toString("latin1").split(/(?<=\n)/u) : [bytes]) {
      yield typeof line === "string" ? Buffer.from(goesOn ? line : `stderr: ${line}`, "latin1") : line;
      goesOn = false;
    }
    this.#openLine = bytes.at(-1) === 0x0a ? undefined : apart;
  }
}

function* linesOut(lines: readonly string[]): Generator<Buffer> {
  if (lines.length > 0) yield Buffer.from(`${lines.join("\n")}\n`);
}
