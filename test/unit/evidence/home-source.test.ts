import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homeSource } from "../../../src/evidence/index.js";
import { temporaryFolder } from "../../harness/temporary.js";

describe("evidence/home-source", () => {
  const begin = () => {
    const home = temporaryFolder("home-source");
    return { home, source: homeSource({ home, recordings: join(home, "recordings") }) };
  };

  it("takes what is no file for one that is missing, and waits for nobody", async () => {
    const { home, source } = begin();
    mkdirSync(join(home, "recordings/folder.bsr"), { recursive: true });
    execFileSync("mkfifo", [join(home, "recordings/pipe.bsr")]);
    for (const path of ["recordings/folder.bsr", "recordings/pipe.bsr", "recordings/folder.bsr/below.bsr"]) {
      assert.equal(await source.open(path), undefined, path);
      assert.equal(await source.read(path, 10), undefined, path);
    }
  });

  it("reads a byte more than was asked for, and no more", async () => {
    const { home, source } = begin();
    writeFileSync(join(home, "salts"), "0123456789");
    assert.equal((await source.read("salts", 4))?.toString(), "01234");
    assert.equal((await source.read("salts", 10))?.toString(), "0123456789");
  });

  it("opens nothing above it", () => {
    const { source } = begin();
    assert.throws(() => source.open("recordings/../keys/ledger"), TypeError);
  });
});
