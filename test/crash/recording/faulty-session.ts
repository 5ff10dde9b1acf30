import { setTimeout as sleep } from "node:timers/promises";
import { Relay } from "../../../src/proxy/relay.js";
import { TypingTap } from "../../../src/proxy/typing-tap.js";
import {
  createRecording,
  type Frame,
  type Head,
  type RecordingError,
  type RecordingWriter,
} from "../../../src/recording/index.js";
import { FakeTransport } from "../../unit/proxy/fake-transport.js";
import {
  close,
  confirm,
  data,
  eof,
  open,
  ptyRequest,
  request,
  success,
  text,
} from "../../unit/proxy/messages.js";
import { apartKey, dataKey, header } from "../../unit/recording/samples.js";
import type { FaultyFile } from "./faulty-file.js";

type Step = readonly [from: "client" | "target", ...messages: readonly Buffer[]];

const bulk = (letter: string): Buffer => Buffer.alloc(32 * 1024, letter);

/** A shell on a terminal in which something is typed and much is shown, and a command that is given and gives bulk. */
const steps: readonly Step[] = [
  ["client", open("session", 7)],
  ["target", confirm(7, 3)],
  ["client", ptyRequest(3), request(3, "shell", true)],
  ["target", success(7), success(7), data(7, "$ ")],
  ["client", data(3, "l")],
  ["target", data(7, "l")],
  ["client", data(3, "s"), data(3, "\r")],
  ["target", data(7, "s\r\n"), data(7, "a file\r\n".repeat(3000)), data(7, "a file\r\n".repeat(3000))],
  ["client", data(3, "exit\r")],
  ["client", open("session", 8), request(3, "window-change", false, Buffer.alloc(16))],
  ["target", confirm(8, 4)],
  ["client", request(4, "exec", true, text("cat > copy"))],
  ["client", data(4, bulk("a")), data(4, bulk("b")), data(4, bulk("c"))],
  ["target", data(8, bulk("d")), data(8, bulk("e")), data(8, bulk("f"))],
  ["client", eof(4), close(4)],
];
/** Behind these there is time for what was written to be synced. */
const pausesAfter = new Set([6, 12]);

/** A relay with the real recorder on a file that fails; it goes on as if it had not noticed. */
export class FaultySession {
  readonly file: FaultyFile;
  readonly appended: Frame[] = [];
  /** Heads that control could have been told. */
  readonly promised: Head[] = [];
  readonly target = new FakeTransport();
  /** What the writer told. */
  readonly failures: RecordingError[] = [];
  /** What the relay told: the session is broken. */
  readonly broken: Error[] = [];
  durable: Head | undefined;
  /** How it began or ended. */
  outcome: RecordingError | Head | undefined;

  constructor(file: FaultyFile) {
    this.file = file;
  }

  async run(): Promise<this> {
    let nowUs = 0;
    const created = createRecording("in memory", {
      ...{ header, dataKey, apartKey, durability: { syncEveryMs: 0 }, clock: { nowUs: () => nowUs } },
      onFailure: (error) => this.failures.push(error),
      createFile: () => this.file.create(),
    });
    const writer = await created.catch((error: unknown) => void (this.outcome = error as RecordingError));
    if (writer === undefined) return this;
    const tap = new TypingTap(this.#noted(writer), {
      nowUs: () => (nowUs += 1000),
      onAppended: () => undefined,
    });
    await this.#cross(this.#relay(tap), writer);
    try {
      tap.finish();
    } catch {
      // told to onFailure
    }
    this.durable = writer.durableHead();
    const end = writer.close({ outcome: "closed" });
    this.outcome = await end.catch((error: unknown) => error as RecordingError);
    return this;
  }

  async #cross(relay: Relay, writer: RecordingWriter): Promise<void> {
    for (const [index, [from, ...messages]] of steps.entries()) {
      for (const message of messages)
        if (from === "client") relay.fromClient(message);
        else relay.fromTarget(message);
      await Promise.resolve();
      if (this.failures.length === 0) this.promised.push(writer.head());
      if (pausesAfter.has(index)) await sleep(2);
    }
  }

  #relay(tap: TypingTap): Relay {
    return new Relay(
      new FakeTransport().asTransport,
      this.target.asTransport,
      tap,
      { allowed: new Set(["shell", "exec"]), environment: [], channelsMax: 4 },
      { onRefused: () => undefined, onBroken: (error) => this.broken.push(error) },
    );
  }

  #noted(writer: RecordingWriter): RecordingWriter {
    return {
      append: (frame, terminal) => {
        this.appended.push({ ...frame, payload: Buffer.from(frame.payload) });
        writer.append(frame, terminal);
      },
      get block() {
        return writer.block;
      },
      flush: () => writer.flush(),
      head: () => writer.head(),
      durableHead: () => writer.durableHead(),
      close: (end) => writer.close(end),
    };
  }
}
