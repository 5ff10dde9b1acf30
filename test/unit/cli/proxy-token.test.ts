import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { proxyToken } from "../../../src/cli/serve/proxy-token.js";
import { temporaryFolder } from "../../harness/temporary.js";

describe("cli/proxy-token", () => {
  it("is made once, for its owner alone, and stays", () => {
    const home = temporaryFolder();
    const token = proxyToken(home);
    assert.match(token, /^[A-Za-z0-9_-]{43}$/);
    assert.equal(proxyToken(home), token);
    assert.equal(statSync(join(home, "proxy-token")).mode & 0o777, 0o600);
  });

  it("is made anew when the file was left empty", () => {
    const home = temporaryFolder();
    writeFileSync(join(home, "proxy-token"), "", { mode: 0o600 });
    const token = proxyToken(home);
    assert.equal(token.length, 43);
    assert.equal(proxyToken(home), token);
  });
});
