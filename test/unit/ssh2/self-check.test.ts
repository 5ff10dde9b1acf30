import assert from "node:assert/strict";
import { checkSsh2, Ssh2MismatchError } from "../../../src/ssh2/index.js";

describe("ssh2/self-check", () => {
  it("finds the installed ssh2 to be the one it was written for, with its native ciphers", async () =>
    assert.deepEqual(await checkSsh2(), { version: "1.17.0", nativeCiphers: true }));

  for (const installed of ["1.16.0", "1.17.1", ""])
    it(`refuses ${installed || "no version"}`, () =>
      assert.rejects(
        () => checkSsh2(installed),
        (error) => error instanceof Ssh2MismatchError,
      ));
});
