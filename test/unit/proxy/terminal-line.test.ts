import assert from "node:assert/strict";
import xterm from "@xterm/headless";
import { lastLine, overlayLine, plainLine } from "../../../src/proxy/terminal-line.js";

type Terminal = InstanceType<typeof xterm.Terminal>;

async function terminalAfter(...outputs: readonly string[]): Promise<Terminal> {
  const terminal = new xterm.Terminal({ cols: 40, rows: 10, allowProposedApi: true });
  for (const output of outputs) await new Promise<void>((resolve) => terminal.write(output, resolve));
  return terminal;
}

const rows = (terminal: Terminal): string[] =>
  Array.from({ length: terminal.rows }, (_, row) => {
    const { active } = terminal.buffer;
    return active.getLine(active.baseY + row)?.translateToString(true) ?? "";
  });

/** The cells of a row with what they look like. */
const cells = (terminal: Terminal, row: number) => {
  const { active } = terminal.buffer;
  const line = active.getLine(active.baseY + row);
  return Array.from({ length: terminal.cols }, (_, column) => {
    const cell = line?.getCell(column);
    const flags = [cell?.isBold(), cell?.isInverse(), cell?.isUnderline()].map(Boolean);
    return [cell?.getChars(), cell?.getFgColor(), cell?.getBgColor(), ...flags];
  });
};

const overlay = overlayLine("5 min left", 40);

describe("proxy/terminal-line overlayLine", () => {
  /** What a program has done, and what it does after the line was laid over. */
  const programs: [name: string, before: string, afterwards: string][] = [
    ["plain-text", "one\r\ntwo\r\nthr", "ee"],
    ["cursor-somewhere", "\x1b[7;20Hab", "cd\x1b[6n"],
    ["colours-and-bold", "\x1b[5;1H\x1b[1;4;31mred", "still red"],
    ["inverse-background", "\x1b[5;1H\x1b[7;44mblue", "still"],
    ["line-drawing", "\x1b[5;1H\x1b(0qqq", "qqq"],
    ["scroll-region", "\x1b[3;6r\x1b[6;1Ha\r\nb", "\r\nc\r\nd"],
    ["origin-mode", "\x1b[3;6r\x1b[?6h\x1b[2;2Ha", "\x1b[3;3Hb"],
    ["no-wrapping", "\x1b[?7l\x1b[5;35H", "abcdefghij"],
    ["insert-mode", "\x1b[5;1Habc\x1b[5;1H\x1b[4h", "xyz"],
    ["alternate-screen", "shell\x1b[?1049h\x1b[5;5Hvi", "m\x1b[?1049l$"],
    ["tab-stops", "\x1b[5;4H\x1bH\x1b[5;1H", "\tx"],
  ];
  for (const [name, before, afterwards] of programs)
    it(`leaves everything but its row as it was: ${name}`, async () => {
      const reference = await terminalAfter(before, afterwards);
      const terminal = await terminalAfter(before, overlay, afterwards);
      const regionTop = name === "origin-mode" ? 2 : 0;
      for (let row = 0; row < terminal.rows; row++)
        if (row !== regionTop) assert.deepEqual(cells(terminal, row), cells(reference, row), `row ${row}`);
      const { active } = terminal.buffer;
      assert.deepEqual(
        [active.cursorX, active.cursorY, active.type, active.length],
        [
          reference.buffer.active.cursorX,
          reference.buffer.active.cursorY,
          reference.buffer.active.type,
          reference.buffer.active.length,
        ],
      );
      assert.deepEqual(terminal.modes, reference.modes);
    });

  it("is read in the top row, inverse", async () => {
    const terminal = await terminalAfter("old text that was long\r\nmore", overlay);
    assert.equal(rows(terminal)[0]?.trim(), "5 min left");
    assert.equal(rows(terminal)[1], "more");
    assert.equal(cells(terminal, 0)[1]?.[4], true);
  });

  it("stays within two rows of a narrow terminal", async () => {
    const terminal = await terminalAfter("\x1b[3;1Hthird", overlayLine("x".repeat(300), 40));
    assert.equal(rows(terminal)[0], ` ${"x".repeat(38)} `);
    assert.equal(rows(terminal)[1], ` ${"x".repeat(38)} `);
    assert.equal(rows(terminal)[2], "third");
  });

  it("says something where the size is not known", () => {
    assert.ok(overlayLine("x".repeat(300), 0).includes("x".repeat(18)));
  });

  it("breaks at a blank, so that no word of a command is cut", async () => {
    const line = "to stay longer: ssh bastion extend grt-0123456789ab";
    const shown = rows(await terminalAfter(overlayLine(line, 40)));
    assert.equal(shown[0], " to stay longer: ssh bastion extend ");
    assert.equal(shown[1], " grt-0123456789ab ");
  });

  it("passes on nothing of the words that a terminal obeys", () => {
    assert.equal(plainLine("a\x1b[2Jb\r\nc\x9bd\x07"), "a [2Jb  c d ");
    assert.equal(plainLine("x".repeat(1000)).length, 400);
    assert.ok(!overlayLine("a\x1b]0;t\x07", 80).includes("\x1b]"));
    assert.ok(!lastLine("a\x1b]0;t\x07", false).includes("\x1b]"));
  });
});

describe("proxy/terminal-line lastLine", () => {
  it("gives the shell's screen back and speaks below what was there", async () => {
    const editor = "shell$ vim\r\n\x1b[?1049h\x1b[2J\x1b[1;1Htext\x1b[?25l";
    const terminal = await terminalAfter(editor, lastLine("the end", true), "next");
    assert.deepEqual(rows(terminal).slice(0, 4), ["shell$ vim", "", "the end", "next"]);
    assert.equal(terminal.buffer.active.type, "normal");
  });

  it("undoes what a program made of the terminal", async () => {
    const program =
      "\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[?1h\x1b=\x1b[4h\x1b[?7l\x1b[2;5r\x1b[5;1H\x1b[1;31m\x1b(0";
    const terminal = await terminalAfter(program, lastLine("the end", false), "after");
    const fresh = await terminalAfter("");
    assert.deepEqual(terminal.modes, fresh.modes);
    assert.ok(rows(terminal).includes("the end"));
    assert.deepEqual(cells(terminal, 6)[0], ["a", -1, -1, false, false, false]);
    for (let line = 0; line < 10; line++)
      await new Promise<void>((resolve) => terminal.write("\r\nfull", resolve));
    assert.ok(rows(terminal).every((row) => row === "full")); // the whole screen scrolls again
  });

  for (const open of ["\x1b[3", "\x1b]0;title", "\x1bPq", "\x1b"])
    it(`is read even inside ${JSON.stringify(open)}`, async () => {
      const terminal = await terminalAfter(`x${open}`, lastLine("the end", false));
      assert.ok(rows(terminal).includes("the end"));
    });
});
