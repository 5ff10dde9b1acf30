import assert from "node:assert/strict";
import { TerminalBoundary } from "../../../src/proxy/terminal-boundary.js";

function after(...pieces: readonly (string | Buffer)[]): TerminalBoundary {
  const boundary = new TerminalBoundary();
  for (const piece of pieces) boundary.feed(Buffer.from(piece as string));
  return boundary;
}

describe("proxy/terminal-boundary", () => {
  const whole: [name: string, output: string][] = [
    ["nothing", ""],
    ["text", "hello\r\n"],
    ["two-byte-character", "ü"],
    ["three-byte-character", "€"],
    ["four-byte-character", "🗝"],
    ["cursor-position", "\x1b[12;40H"],
    ["private-mode", "\x1b[?2004h"],
    ["charset-with-an-intermediate", "\x1b(B"],
    ["save-cursor", "\x1b7"],
    ["title-ended-by-bell", "\x1b]0;title\x07"],
    ["title-ended-by-terminator", "\x1b]0;title\x1b\\"],
    ["device-control-with-a-bell-in-it", "\x1bPq\x07#0\x1b\\"],
    ["application-command", "\x1b_G\x1b\\"],
    ["privacy-message", "\x1b^x\x1b\\"],
    ["start-of-string", "\x1bXx\x1b\\"],
    ["sequence-with-a-line-feed-in-it", "\x1b[3\n1m"],
  ];
  for (const [name, output] of whole) {
    it(`is at rest after ${name}`, () => assert.equal(after(output).atRest, true));

    it(`is not at rest anywhere inside ${name}, however it is split`, () => {
      if (name === "nothing" || name === "text") return;
      const bytes = Buffer.from(output);
      for (let at = 1; at < bytes.length; at++) {
        const [left, right] = [bytes.subarray(0, at), bytes.subarray(at)];
        assert.equal(after(left).atRest, false, `after ${at} bytes`);
        assert.equal(after(left, right).atRest, true);
      }
    });
  }

  const open: [name: string, output: string | Buffer][] = [
    ["escape-after-escape", "\x1b\x1b["],
    ["sequence-begun-again-by-escape", "\x1b[3\x1b[1"],
    ["sequence-that-ended-a-title", "\x1b]0;title\x1b[3"],
    ["title-with-text-behind-escape", "\x1b]0;t\x1b[m\x1b]x"],
    ["bell-in-a-device-control-string", "\x1bPq\x07"],
    ["character-begun-after-another", Buffer.from([0xc3, 0xe2, 0x82])],
  ];
  for (const [name, output] of open)
    it(`is not at rest after ${name}`, () => assert.equal(after(output).atRest, false));

  const ended: [name: string, output: string | Buffer][] = [
    ["sequence-cancelled", "\x1b[3\x18"],
    ["string-substituted", "\x1b]0;x\x1a"],
    ["character-broken-off-by-text", Buffer.from([0xe2, 0x82, 0x41])],
    ["stray-continuation", Buffer.from([0x82])],
    ["bytes-that-begin-no-character", Buffer.from([0xc0, 0xf5, 0xff])],
    ["character-broken-off-by-a-sequence", Buffer.from("e21b5b6d", "hex")],
    ["very-long-sequence", `\x1b[${"1;".repeat(5000)}m`],
  ];
  for (const [name, output] of ended)
    it(`is at rest after ${name}`, () => assert.equal(after(output).atRest, true));

  const screens: [output: string, alternate: boolean][] = [
    ["\x1b[?1049h", true],
    ["\x1b[?1047h", true],
    ["\x1b[?47h", true],
    ["\x1b[?1049h\x1b[?1049l", false],
    ["\x1b[?1;1049h", true],
    ["\x1b[?25;1049l", false],
    ["\x1b[?1049h\x1bc", false],
    ["\x1b[1049h", false],
    ["\x1b[?10490h", false],
    ["\x1b[?25h", false],
  ];
  for (const [output, alternate] of screens)
    it(`${alternate ? "sees" : "sees no"} alternate screen after ${JSON.stringify(output)}`, () =>
      assert.equal(after(...Array.from(output)).alternateScreen, alternate));
});
