import assert from "node:assert/strict";
import { IdentificationGate, softwareName } from "../../../src/ssh2/identification.js";

function pushAll(peer: "client" | "server", pieces: readonly string[]): string | undefined {
  const gate = new IdentificationGate(peer);
  let result: Buffer | undefined;
  for (const piece of pieces) result = gate.push(Buffer.from(piece));
  return result?.toString();
}

describe("ssh2/identification", () => {
  const table: [name: string, peer: "client" | "server", pieces: string[], given: string | undefined][] = [
    ["whole-with-what-follows", "client", ["SSH-2.0-x\r\n\0\0"], "SSH-2.0-x\r\n\0\0"],
    ["byte-by-byte", "client", Array.from("SSH-2.0-x\r\n"), "SSH-2.0-x\r\n"],
    ["not-yet-whole", "client", ["SSH-2.0-x\r"], undefined],
    ["first-line-of-a-client", "client", ["GET / HTTP/1.0\r\n"], "GET / HTTP/1.0\r\n"],
    ["greeting-of-a-server", "server", ["wel", "come\r\nSS", "H-2.0-x\n"], "welcome\r\nSSH-2.0-x\n"],
    ["greeting-only", "server", ["welcome\r\nto this\r\n"], undefined],
  ];
  for (const [name, peer, pieces, given] of table) it(name, () => assert.equal(pushAll(peer, pieces), given));

  it("gives up on a client after the longest line there may be", () => {
    assert.equal(pushAll("client", ["x".repeat(255)]), undefined);
    assert.throws(() => pushAll("client", ["x".repeat(255), "x"]));
  });

  it("gives up on a server that goes on greeting", () => {
    const line = `${"x".repeat(998)}\r\n`;
    assert.equal(pushAll("server", new Array<string>(16).fill(line)), undefined);
    assert.throws(() => pushAll("server", new Array<string>(17).fill(line)));
  });

  it("shows a name without what a terminal would obey", () => {
    assert.equal(softwareName("\x1b]0;Evil\x07\u00e9"), "?]0;Evil??");
    assert.equal(softwareName("x".repeat(9000)).length, 255);
  });
});
