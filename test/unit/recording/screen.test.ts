import assert from "node:assert/strict";
import fc from "fast-check";
import { Screen } from "../../../src/recording/index.js";

const size = { columns: 20, rows: 5 };

async function screenOf(text: string, screen = new Screen(size)): Promise<Screen> {
  screen.feed(text);
  await screen.settle();
  return screen;
}

function picture(screen: Screen): object {
  const rows = Array.from({ length: screen.size.rows }, (_, row) => screen.row(row));
  return { rows, cursor: screen.cursor(), size: screen.size };
}

describe("recording/screen", () => {
  for (const [name, text, row] of [
    ["plain", "hello", "hello"],
    ["gap", "a\x1b[5Cb", "a     b"],
    ["bold-red", "\x1b[1;31mred\x1b[0m plain", "\x1b[0;1;31mred\x1b[0m plain"],
    ["ends-coloured", "\x1b[44mblue", "\x1b[0;44mblue\x1b[0m"],
    ["bright", "\x1b[97mx", "\x1b[0;97mx\x1b[0m"],
    ["palette", "\x1b[38;5;200mx", "\x1b[0;38;5;200mx\x1b[0m"],
    ["true-colour", "\x1b[48;2;1;2;3mx", "\x1b[0;48;2;1;2;3mx\x1b[0m"],
    ["coloured-blanks", "\x1b[41m  \x1b[0m", "\x1b[0;41m  \x1b[0m"],
    ["wide", "日本x", "日本x"],
    ["combining", "e\u0301x", "e\u0301x"],
    ["styles", "\x1b[2;3;4;5;7;8;9;53mx", "\x1b[0;2;3;4;5;7;8;9;53mx\x1b[0m"],
  ] as const)
    it(`draws a row again: ${name}`, async () => {
      const screen = await screenOf(text);
      assert.equal(screen.row(0), row);
      assert.equal((await screenOf(row)).row(0), row);
    });

  it("cuts a row, never in the middle of a wide character", async () => {
    const screen = await screenOf("ab日本");
    assert.deepEqual(
      [2, 3, 4, 5].map((columns) => screen.row(0, columns)),
      ["ab", "ab", "ab日", "ab日"],
    );
  });

  const pieces = fc.constantFrom(
    ...[
      "a",
      "word ",
      "日本",
      "\r\n",
      "\x1b[H",
      "\x1b[3;4H",
      "\x1b[2J",
      "\x1b[K",
      "\x1b[1;32m",
      "\x1b[m",
      "\x1b[7m",
    ],
    ...[
      "\x1b[2;4r",
      "\x1b[r",
      "\x1b[?1049h",
      "\x1b[?1049l",
      "\x1b[?25l",
      "\x1b[?25h",
      "\x1b[4h",
      "\x1b[4l",
      "\x1b(0",
    ],
    ...[
      "\x1b(B",
      "\x1b[?7l",
      "\x1b[?7h",
      "\x1bc",
      "\x1b[!p",
      "\x1bM",
      "\t",
      "\b",
      "lqk",
      "\x1b[38;5;9m",
      "\x1b[L",
    ],
  );

  /** Without what no program does: entering the alternate screen from itself, leaving it from the normal one. */
  function sane(sequences: readonly string[]): string[] {
    let alternate = false;
    return sequences.filter((sequence) => {
      const before = alternate;
      if (sequence === "\x1bc") alternate = false;
      if (!sequence.startsWith("\x1b[?1049")) return true;
      alternate = sequence.endsWith("h");
      return alternate !== before;
    });
  }

  it("goes on from a keyframe as from the beginning", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(pieces, { maxLength: 30 }),
        fc.array(pieces, { maxLength: 10 }),
        async (before, after) => {
          const sequences = sane([...before, "", ...after]);
          const [first, rest] = [
            sequences.slice(0, sequences.indexOf("")),
            sequences.slice(sequences.indexOf("")),
          ];
          const whole = await screenOf(first.join(""));
          const resumed = await screenOf(whole.serialize());
          assert.deepEqual(picture(resumed), picture(whole));
          assert.deepEqual(
            picture(await screenOf(rest.join(""), resumed)),
            picture(await screenOf(rest.join(""), whole)),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it("gives every line once, however much is fed, wrapped ones joined", async () => {
    const lines = Array.from({ length: 40_000 }, (_, index) =>
      `${index} ${"x".repeat(index % 50)}`.trimEnd(),
    );
    const screen = new Screen(size);
    const taken: string[] = [];
    for (const line of lines) {
      if (screen.feed(`${line}\r\n`)) await screen.settle(() => taken.push(...screen.takeLines()));
    }
    await screen.settle(() => taken.push(...screen.takeLines()));
    taken.push(...screen.restLines());
    assert.equal(taken.length, lines.length);
    assert.deepEqual(taken, lines);
  });

  it("keeps lines through a full-screen program and a change of size", async () => {
    const screen = await screenOf("one\r\ntwo\r\n\x1b[?1049hfull screen\x1b[?1049lthree\r\n");
    await screen.resize({ columns: 10, rows: 3 });
    screen.feed("four\r\nfive\r\nsix\r\n");
    const taken: string[] = [];
    await screen.settle(() => taken.push(...screen.takeLines()));
    assert.deepEqual([...taken, ...screen.restLines()], ["one", "two", "three", "four", "five", "six"]);
  });

  it("returns at a line feed where a program ran without a terminal", async () => {
    const screen = await screenOf("a\nb", new Screen(size, { lineFeedOnly: true }));
    assert.deepEqual([screen.row(0), screen.row(1)], ["a", "b"]);
  });
});
