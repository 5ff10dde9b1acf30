import assert from "node:assert/strict";
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openCosignatures, openCheckpoint, parseVerifiers } from "../../src/ledger/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { closeAfterwards } from "../harness/closing.js";
import { temporaryFolder } from "../harness/temporary.js";
import { startWitnessProcess, type WitnessProcess } from "../harness/witness-process.js";

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

describe("e2e/witness", function () {
  this.timeout(60_000);
  let bastion: Bastion;
  let one: WitnessProcess;
  let two: WitnessProcess;
  let bare = "";
  const files = (name: string) => readFileSync(join(bastion.home, "ledger", name), "utf8");

  /** `doctor`'s line about a witness, when it is as wanted. */
  async function lineOf(name: string, wanted: RegExp): Promise<Finding> {
    for (;;) {
      const { stdout } = await bastion.bascule(["doctor", "--json"]);
      const findings = JSON.parse(stdout.toString()) as Finding[];
      const found = findings.find(({ check }) => check === `witness ${name}`);
      if (found !== undefined && wanted.test(found.detail)) return found;
      await sleep(100);
    }
  }

  function reloadWith(witnesses: readonly string[]): void {
    writeFileSync(bastion.configPath, bare);
    if (witnesses.length > 0)
      appendFileSync(bastion.configPath, `witnesses:\n${witnesses.map((w) => `  ${w}\n`).join("")}`);
    process.kill(bastion.pid, "SIGHUP");
  }
  const line = (name: string, url: string, key: string) => `${name}: { url: "${url}", key: "${key}" }`;

  before(async () => {
    bastion = await startBastion({ proxies: 1 });
    bare = readFileSync(bastion.configPath, "utf8");
    const folder = temporaryFolder();
    const [log = ""] = files("verifiers").split("\n");
    [one, two] = await Promise.all([
      startWitnessProcess(folder, "w1.example", log),
      startWitnessProcess(folder, "w2.example", log),
    ]);
  });

  it("takes up witnesses on a reload, keeps what they cosign and their keys, and sees one that lies", async () => {
    const liar = createServer((_, response) => response.end("— w9.example AAAAAAAAAAA=\n"));
    await new Promise<void>((listening) => liar.listen(0, "127.0.0.1", listening));
    closeAfterwards(() => {
      liar.closeAllConnections();
      return new Promise((closed) => liar.close(closed));
    });
    const liarUrl = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    const liarKey = (
      await startWitnessProcess(temporaryFolder(), "w9.example", files("verifiers").split("\n")[0] ?? "")
    ).verifierKey;
    reloadWith([
      line("one", one.url, one.verifierKey),
      line("two", two.url, two.verifierKey),
      line("liar", liarUrl, liarKey),
    ]);
    assert.equal((await lineOf("one", /: cosigns since/u)).ok, true);
    assert.equal((await lineOf("two", /: cosigns since/u)).ok, true);
    assert.equal((await lineOf("liar", /: signature-missing since/u)).ok, false);
    const { log, witnesses } = parseVerifiers(files("verifiers"));
    assert.deepEqual(witnesses.map(({ name }) => name).sort(), ["w1.example", "w2.example"]);
    const witnessed = files("checkpoint.witnessed");
    openCheckpoint(witnessed, log);
    assert.ok(openCosignatures(witnessed, witnesses).length > 0);
    reloadWith([line("one", one.url, one.verifierKey)]);
    for (;;) {
      const { stdout } = await bastion.bascule(["doctor", "--json"]);
      const names = (JSON.parse(stdout.toString()) as Finding[]).map(({ check }) => check);
      if (names.includes("witness one") && !names.includes("witness liar") && !names.includes("witness two"))
        break;
      await sleep(100);
    }
  });

  it("goes on while a witness is away, and has the newest cosigned when it is back", async () => {
    await lineOf("one", /: cosigns since/u);
    await one.stop();
    await bastion.issue();
    assert.equal((await lineOf("one", /: away since/u)).ok, false);
    await one.start();
    const { detail } = await lineOf("one", /: cosigns since/u);
    const size = Number(/last (\d+) entries/u.exec(detail)?.[1]);
    const { log } = parseVerifiers(files("verifiers"));
    assert.ok(size > 0 && size <= openCheckpoint(files("checkpoint"), log).size);
  });

  it("is told by its witness that it was rolled back, and that it forked", async () => {
    await bastion.stop();
    const older = join(temporaryFolder(), "older");
    for (const name of ["journal", "ledger"])
      cpSync(join(bastion.home, name), join(older, name), { recursive: true });
    const { log } = parseVerifiers(files("verifiers"));
    const { size } = openCheckpoint(files("checkpoint"), log);
    await bastion.start();
    for (let n = 0; n < 3; n += 1) await bastion.issue();
    for (let seen = 0; seen < size + 5;) {
      const { detail } = await lineOf("one", /last \d+ entries/u);
      seen = Number(/last (\d+) entries/u.exec(detail)?.[1]);
    }
    await bastion.stop();
    for (const name of ["journal", "ledger"]) {
      rmSync(join(bastion.home, name), { recursive: true });
      cpSync(join(older, name), join(bastion.home, name), { recursive: true });
    }
    await bastion.start();
    assert.equal((await lineOf("one", /: AHEAD since/u)).ok, false);
    for (let n = 0; n < 6; n += 1) await bastion.issue();
    const { ok, detail } = await lineOf("one", /: FORK since/u);
    assert.equal(ok, false);
    assert.match(detail, /not a beginning of this ledger|another tree/u);
    assert.match(one.log(), /log shows another history/u);
  });
});
