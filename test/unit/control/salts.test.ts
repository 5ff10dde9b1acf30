import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { ControlLog } from "../../../src/control/index.js";
import { Salts } from "../../../src/control/refusals/salts.js";
import { temporaryFolder } from "../../harness/temporary.js";

const secret = { detail: "no such login", login: "hunter2" };
const other = { detail: "", target: "prod" };

describe("control/salts", () => {
  let path: string;
  let errors: string[];
  const log: ControlLog = {
    info: () => undefined,
    warn: () => undefined,
    error: (_about, message) => void errors.push(message),
  };
  beforeEach(() => {
    path = join(temporaryFolder(), "salts");
    errors = [];
  });

  it("keeps words behind a hash of their own each, for the owner alone", async () => {
    const salts = new Salts(path, log);
    const [one, two, three] = await Promise.all([salts.hide(secret), salts.hide(secret), salts.hide(other)]);
    assert.equal(new Set([one, two, three]).size, 3);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const found = await new Salts(path, log).find(new Set([one, three, "none"]));
    assert.deepEqual([...found.values()], [secret, other]);
  });

  it("forgets one and keeps the others, and goes on", async () => {
    const salts = new Salts(path, log);
    const [one, two] = [await salts.hide(secret), await salts.hide(other)];
    await salts.forget(one);
    const three = await salts.hide(other);
    assert.deepEqual([...(await salts.find(new Set([one, two, three]))).keys()], [two, three]);
    assert.equal(readFileSync(path, "utf8").includes("hunter2"), false);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it("loses only the line that a crash cut off, and nothing when the file was taken away", async () => {
    const before = await new Salts(path, log).hide(secret);
    appendFileSync(path, '{"salt":"07');
    const salts = new Salts(path, log);
    const after = await salts.hide(other);
    assert.equal((await salts.find(new Set([before, after]))).size, 2);
    rmSync(path);
    assert.equal((await salts.find(new Set([before]))).size, 0);
    assert.equal((await salts.find(new Set([await salts.hide(other)]))).size, 1);
  });

  it("has the words on the disk before it gives their hash, with one sync for all who wait", async () => {
    const handle = await open(join(temporaryFolder(), "any"), "w");
    const prototype = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
    const { datasync } = prototype;
    const events: string[] = [];
    prototype.datasync = async function (this: typeof handle) {
      events.push("begun");
      await datasync.call(this);
      await new Promise((turn) => setImmediate(turn));
      events.push("synced");
    };
    try {
      const salts = new Salts(path, log);
      await Promise.all(Array.from({ length: 50 }, () => salts.hide(other).then(() => events.push("given"))));
    } finally {
      prototype.datasync = datasync;
    }
    assert.deepEqual(events.slice(0, 3), ["begun", "synced", "given"]);
    assert.ok(events.filter((event) => event === "synced").length <= 2, "fifty strangers, two syncs at most");
    assert.equal(events.filter((event) => event === "given").length, 50);
  });

  it("keeps no more than it has room for, says so once, and goes on when there is room again", async () => {
    const salts = new Salts(path, log, 1000);
    const hashes = new Set<string>();
    for (let n = 0; n < 12; n += 1) hashes.add(await salts.hide(other));
    const { size } = hashes;
    const known = await salts.find(hashes);
    const { bytes, lost, failure } = salts.condition;
    assert.deepEqual([size, known.size + lost, failure, errors.length], [12, 12, "full", 1]);
    assert.ok(known.size > 0 && lost > 0 && bytes <= 1000);
    assert.equal(statSync(path).size, bytes);
    rmSync(path);
    const again = await salts.hide(secret);
    assert.deepEqual([(await salts.find(new Set([again]))).size, salts.condition.failure], [1, undefined]);
  });

  it("ends the line that a full disk cut off before it goes on", async () => {
    const salts = new Salts(path, log);
    const before = await salts.hide(other);
    rmSync(path);
    mkdirSync(path);
    await salts.hide(secret);
    assert.equal(salts.condition.failure, "EISDIR");
    rmSync(path, { recursive: true });
    writeFileSync(path, '{"salt":"07', { mode: 0o600 });
    const after = await salts.hide(other);
    assert.deepEqual([...(await salts.find(new Set([before, after]))).keys()], [after]);
  });

  it("gives the hash though nothing can be kept, and says so", async () => {
    mkdirSync(path);
    assert.match(await new Salts(path, log).hide(secret), /^[0-9a-f]{64}$/u);
    assert.equal(errors.length, 1);
    assert.doesNotMatch(errors.join(), /hunter2/u);
  });
});
