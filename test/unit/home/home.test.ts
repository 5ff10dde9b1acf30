import assert from "node:assert/strict";
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ControlError, createAuthorityKeys, type ControlErrorCode } from "../../../src/control/index.js";
import { checkHome, HomeError, makeHome, type HomeErrorCode } from "../../../src/home/index.js";
import { openAuthority } from "../../../src/control/keys/authority.js";
import { temporaryFolder } from "../../harness/temporary.js";

function refuses(code: HomeErrorCode | ControlErrorCode, run: () => unknown): void {
  const isOurs = (error: unknown) => error instanceof HomeError || error instanceof ControlError;
  assert.throws(run, (error) => isOurs(error) && error.code === code);
}

describe("home/home", () => {
  it("makes a home and keys that only the owner can read", () => {
    const { home, keys } = makeHome(join(temporaryFolder(), "home"));
    createAuthorityKeys(keys);
    checkHome(home);
    assert.equal(statSync(join(keys, "user-ca")).mode & 0o777, 0o600);
    assert.equal(statSync(home).mode & 0o777, 0o700);
  });

  for (const mode of [0o750, 0o705, 0o711]) {
    it(`refuses a home of mode ${mode.toString(8)}`, () => {
      const { home } = makeHome(join(temporaryFolder(), "home"));
      chmodSync(home, mode);
      refuses("home-open", () => checkHome(home));
    });
  }

  it("refuses a home that is not there, and one whose sockets have too long a path", () => {
    const folder = temporaryFolder();
    refuses("home-missing", () => checkHome(join(folder, "none")));
    const deep = join(folder, "x".repeat(100));
    mkdirSync(deep);
    makeHome(deep);
    chmodSync(deep, 0o700);
    refuses("socket-path-too-long", () => checkHome(deep));
  });

  it("refuses a CA key that others can read, that is missing, or that would be overwritten", () => {
    const { keys } = makeHome(join(temporaryFolder(), "home"));
    refuses("key-missing", () => openAuthority(keys));
    createAuthorityKeys(keys);
    refuses("key-exists", () => createAuthorityKeys(keys));
    chmodSync(join(keys, "host-ca"), 0o640);
    refuses("key-open", () => openAuthority(keys));
  });
});
