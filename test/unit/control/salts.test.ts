import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
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

  it("gives the hash though nothing can be kept, and says so", async () => {
    mkdirSync(path);
    assert.match(await new Salts(path, log).hide(secret), /^[0-9a-f]{64}$/u);
    assert.equal(errors.length, 1);
    assert.doesNotMatch(errors.join(), /hunter2/u);
  });
});
