import assert from "node:assert/strict";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OutsideHomeError, pathInHome } from "../../../src/demo/home-path.js";
import { temporaryFolder } from "../../harness/temporary.js";

describe("demo/home-path", () => {
  let home: string;
  beforeEach(() => {
    home = join(realpathSync(temporaryFolder()), "home");
    mkdirSync(join(home, "inner"), { recursive: true });
    writeFileSync(join(home, "file"), "");
    symlinkSync("file", join(home, "to-file"));
    symlinkSync("/etc", join(home, "to-etc"));
  });

  for (const [path, expected] of [
    [".", ""],
    ["", ""],
    ["file", "/file"],
    ["inner/../file", "/file"],
    ["to-file", "/file"],
    ["new", "/new"],
  ] as const) {
    it(`finds ${JSON.stringify(path)}`, async () => {
      assert.equal(await pathInHome(home, path), home + expected);
    });
  }

  it("names a link itself where it is not to be followed", async () => {
    assert.equal(await pathInHome(home, "to-etc", { follow: false }), join(home, "to-etc"));
  });

  for (const path of ["..", "../home2", "/etc/passwd", "to-etc", "to-etc/passwd", "inner/../../x", "/"]) {
    it(`refuses ${path}`, async () => {
      await assert.rejects(pathInHome(home, path), OutsideHomeError);
    });
  }
});
