import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { clientAddress } from "../../../src/web/client-address.js";
import { duplicateKey } from "../../../src/web/duplicate-key.js";
import { FailedAttempts, FAILURES_MAX } from "../../../src/web/failed-attempts.js";

describe("web/failed-attempts", () => {
  const fail = (attempts: FailedAttempts, address: string, times: number, nowMs = 0) => {
    for (let time = 0; time < times; time += 1) attempts.note(address, nowMs);
  };

  it("shuts an address out for the rest of its minute, and no other", () => {
    const attempts = new FailedAttempts();
    fail(attempts, "192.0.2.1", FAILURES_MAX - 1);
    assert.equal(attempts.waitSeconds("192.0.2.1", 100), 0);
    attempts.note("192.0.2.1", 100);
    assert.equal(attempts.waitSeconds("192.0.2.1", 30_000), 30);
    assert.equal(attempts.waitSeconds("192.0.2.2", 30_000), 0);
    assert.equal(attempts.waitSeconds("192.0.2.1", 60_000), 0);
  });

  const pairs: readonly (readonly [string, string, string, boolean])[] = [
    ["neighbours", "2001:db8::1", "2001:db8::ffff:1", true],
    ["another-spelling", "2001:db8:0:0:1::1", "2001:DB8::0:2:0:0:1", true],
    ["another-network", "2001:db8:0:1::1", "2001:db8:0:2::1", false],
    ["mapped-ipv4", "::ffff:192.0.2.1", "::ffff:192.0.2.2", false],
  ];
  for (const [name, one, other, isSame] of pairs)
    it(`takes ${name} for ${isSame ? "the same" : "different"}`, () => {
      const attempts = new FailedAttempts();
      fail(attempts, one, FAILURES_MAX);
      assert.equal(attempts.waitSeconds(other, 0) > 0, isSame);
    });

  it("forgets the oldest of very many", () => {
    const attempts = new FailedAttempts();
    fail(attempts, "192.0.2.1", FAILURES_MAX);
    for (let at = 0; at < 10_000; at += 1) attempts.note(`10.0.${at >> 8}.${at & 255}`, 0);
    assert.equal(attempts.waitSeconds("192.0.2.1", 0), 0);
  });
});

describe("web/client-address", () => {
  const from = (remoteAddress: string, forwarded?: string) =>
    clientAddress({
      socket: { remoteAddress },
      headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
    } as unknown as IncomingMessage);

  it("believes a reverse proxy on this machine, the last address that it added", () => {
    assert.equal(from("127.0.0.1", "192.0.2.9, 198.51.100.7"), "198.51.100.7");
    assert.equal(from("::1", "2001:db8::1"), "2001:db8::1");
    assert.equal(from("::ffff:127.0.0.1", "nonsense"), "::ffff:127.0.0.1");
    assert.equal(from("127.0.0.1"), "127.0.0.1");
  });

  it("believes nobody else", () => assert.equal(from("192.0.2.1", "198.51.100.7"), "192.0.2.1"));
});

describe("web/duplicate-key", () => {
  const texts: readonly (readonly [string, boolean])[] = [
    ['{"a":1,"b":2}', false],
    ['{"a":1,"a":2}', true],
    ['{"a":1,"\\u0061":2}', true],
    ['{"a":"a","b":["a","a"],"c":{"a":1}}', false],
    ['{"a":{"b":1,"b":2}}', true],
    ['[{"a":1},{"a":1}]', false],
    ['{"a\\"":1,"a":":\\\\","b":"\\"a\\":"}', false],
    ['"a"', false],
  ];
  for (const [text, is] of texts)
    it(`${is ? "sees it in" : "sees none in"} ${text}`, () => assert.equal(duplicateKey(text), is));
});
