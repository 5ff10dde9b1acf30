import assert from "node:assert/strict";
import { LineEditor, type Typed } from "../../../src/commands/ssh/line-editor.js";

async function* pieces(all: readonly (string | Buffer)[]): AsyncGenerator<Buffer, void, undefined> {
  for (const one of all) {
    await Promise.resolve();
    yield Buffer.from(one);
  }
}

async function typed(all: readonly (string | Buffer)[], isWhole?: (line: string) => boolean) {
  let screen = "";
  const editor = new LineEditor({
    input: pieces(all),
    echo: (text) => (screen += text),
    idleMs: 60_000,
  });
  const lines: Typed[] = [];
  do lines.push(await editor.ask("> ", isWhole));
  while (lines.at(-1)?.kind === "line");
  return { lines, screen };
}

const line = (text: string): Typed => ({ kind: "line", text });
const end: Typed = { kind: "end" };

describe("commands/line-editor", () => {
  for (const [row, bytes, lines] of [
    ["a-line", "ab\r", [line("ab"), end]],
    ["cr-lf-as-one", "a\r\nb\r\n", [line("a"), line("b"), end]],
    ["backspace", "abc\u007f\b\u007fx\r", [line("x"), end]],
    ["backspace-of-nothing", "\u007f\u007fx\r", [line("x"), end]],
    ["the-whole-line-rubbed-out", "abc\u0015x\r", [line("x"), end]],
    ["end-of-input", "", [end]],
    ["end-of-input-within-a-line", "ab", [end]],
    ["ctrl-d", "\u0004", [end]],
    ["ctrl-d-within-a-line", "a\u0004b\r", [line("ab"), end]],
    ["ctrl-c", "ab\u0003", [{ kind: "interrupted" }]],
    ["arrow-keys", "a\u001b[Ab\u001bOC\u001b[1;5Dc\r", [line("abc"), end]],
    ["an-escape-sequence-that-never-ends", `\u001b[${"1".repeat(40)}\r`, [line(`[${"1".repeat(40)}`), end]],
    ["escape-and-return", "ab\u001b\r", [line("ab"), end]],
    ["control-and-invisible-characters", "a\u0007\u202e\u2028b\r", [line("ab"), end]],
    ["many-bytes-a-character", "é漢😀\r", [line("é漢😀"), end]],
    ["a-wide-character-rubbed-out", "a漢\u007fb\r", [line("ab"), end]],
    ["more-than-a-line-takes", `${"a".repeat(700)}\r`, [line("a".repeat(600)), end]],
  ] as const) {
    it(`reads ${row}, whole and byte by byte`, async () => {
      assert.deepEqual((await typed([bytes])).lines, lines);
      const single = [...Buffer.from(bytes)].map((byte) => Buffer.from([byte]));
      assert.deepEqual((await typed(single)).lines, lines);
    });
  }

  it("takes no key before the echo of the last one is there", async () => {
    const echoes: string[] = [];
    let isRead: () => void = () => undefined;
    const echo = (text: string) => {
      echoes.push(text);
      return new Promise<void>((resolve) => (isRead = resolve));
    };
    const editor = new LineEditor({ input: pieces(["x\u007f".repeat(50)]), echo, idleMs: 60_000 });
    void editor.ask("> ");
    for (const shown of [["> "], ["> ", "x"], ["> ", "x", "\b \b"]]) {
      for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
      assert.deepEqual(echoes, shown);
      isRead();
    }
  });

  it("never echoes what is not text", async () => {
    const { screen } = await typed(["a\u001b[2J\u001b]0;x\u0007\u009b2Jb\r"]);
    assert.match(screen, /^[\n -~]+$/u);
    assert.ok(screen.startsWith("> a"));
  });

  it("takes a key that is a whole answer without Return", async () => {
    const { lines } = await typed(["q1\r"], (text) => text === "q");
    assert.deepEqual(lines, [line("q"), line("1"), end]);
  });

  it("gives up when nobody types", async () => {
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    const editor = new LineEditor({ input: never, echo: () => undefined, idleMs: 1 });
    assert.deepEqual(await editor.ask("> "), { kind: "idle" });
  });
});
