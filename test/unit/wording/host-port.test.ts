import assert from "node:assert/strict";
import { formatHostPort, parseHostPort } from "../../../src/wording/index.js";

describe("wording/host-port", () => {
  const good: readonly [text: string, host: string, port: number][] = [
    ["127.0.0.1:2222", "127.0.0.1", 2222],
    ["[::1]:22", "::1", 22],
    ["[2001:db8::1]:65535", "2001:db8::1", 65535],
    ["db-1.example.net:0", "db-1.example.net", 0],
    ["localhost:22", "localhost", 22],
  ];
  for (const [text, host, port] of good) {
    it(`reads ${text} and writes it again`, () => {
      const found = parseHostPort(text);
      assert.deepEqual(found, { host, port });
      assert.equal(formatHostPort(found), text);
    });
  }
  for (const text of [
    "",
    ":22",
    "a:",
    "a:022",
    "a:+22",
    "a:65536",
    "[a]:22",
    "[::1]",
    "::1:22",
    "1.2.3:22",
    "a b:22",
    "-a:22",
    "a..b:22",
    "[fe80::1%eth0]:22",
    "a:22 ",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseHostPort(text), undefined));
  }
});
