import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { program, startBastion, type Bastion } from "../harness/bastion.js";
import { closeAfterwards } from "../harness/closing.js";
import { ledgerEvents } from "../harness/ledger-now.js";
import { signal } from "../harness/processes.js";
import { runProgram, type ProgramResult } from "../harness/run-program.js";
import { until } from "../harness/until.js";

describe("e2e/config", () => {
  let bastion: Bastion;
  let good: string;
  before(async function () {
    bastion = await startBastion();
    await bastion.issue();
    good = readFileSync(bastion.configPath, "utf8");
  });
  afterEach(() => writeFileSync(bastion.configPath, good));

  /** The number of the first line that holds `text`, from 1. */
  const lineOf = (config: string, text: string) =>
    config.split("\n").findIndex((line) => line.includes(text)) + 1;

  const serve = (config: string): Promise<ProgramResult> => {
    const path = join(bastion.home, "other.yaml");
    writeFileSync(path, config, { mode: 0o600 });
    return runProgram(process.execPath, [program, "serve", "--config", path]);
  };

  const logOf = (about: Bastion) => readFileSync(join(about.home, "log/bascule.log"), "utf8");

  async function reload(config: string, words: string): Promise<void> {
    const before = logOf(bastion).split(words).length;
    writeFileSync(bastion.configPath, config);
    signal(bastion.pid, "SIGHUP");
    await until(`${words} is in the log`, () => logOf(bastion).split(words).length > before);
  }

  it("names every mistake with its line and what was expected, and exits 2", async () => {
    const wrong = good
      .replace(/^proxies: .*$/mu, "proxies: many\nbanana: 1")
      .replace("maxDuration: 8h", "maxDuration: 8 hours")
      .replace("auditors: [auditors]", "auditors: auditors");
    const { status, stdout, stderr } = await serve(wrong);
    assert.equal(status, 2, stderr);
    assert.equal(stdout.toString(), "");
    for (const [text, expected] of [
      ["proxies: many", /proxies.*number|cores/u],
      ["banana: 1", /banana/u],
      ["maxDuration: 8 hours", /maxDuration.*30m/u],
      ["auditors: auditors", /auditors.*list/u],
    ] as const) {
      const line = stderr.split("\n").find((said) => said.includes(`:${lineOf(wrong, text)}:`));
      assert.match(line ?? `no word about line ${lineOf(wrong, text)}: ${stderr}`, expected);
    }
  });

  it("a bad file on SIGHUP changes nothing", async () => {
    const narrowed = good
      .replace("maxDuration: 8h", "maxDuration: never")
      .replace("env: prod, }", "env: prod }");
    const secret = join(bastion.home, "open.secret");
    writeFileSync(secret, `whsec_${"A".repeat(43)}=`, { mode: 0o644 });
    const open = `webhooks: { siem: { url: "https://siem.example", secretFile: ${secret} } }\n`;
    for (const [wrong, text, says] of [
      [narrowed, "never", "maxDuration"],
      [
        good.replace("approvals: automatic", "approvals: { count: 0, from: [x] }"),
        "count: 0",
        "approvals: automatic",
      ],
      [good + open, "webhooks:", "others can read or write this file"],
    ] as const) {
      await reload(wrong, "configuration not loaded");
      assert.match(logOf(bastion), new RegExp(`:${lineOf(wrong, text)}: .*${says}`, "u"));
    }
    const { stdout } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "echo still here"]);
    assert.equal(stdout.toString(), "still here\n");
    assert.deepEqual(await ledgerEvents(bastion.home, "policy.loaded"), []);
  });

  it("a good one on SIGHUP is in force at once", async () => {
    await reload(
      good.replace("groups: [engineers]\n    targets", "groups: [nobody]\n    targets"),
      "configuration loaded",
    );
    const { status, stderr } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "echo never"]);
    assert.equal(status, 255);
    assert.match(stderr, /the policy no longer lets alice be on prod/u);
    await reload(`${good}http: 127.0.0.1:0\n`, '"settings":["http"]');
    await reload(good, "configuration loaded");
    const { stdout } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "echo back"]);
    assert.equal(stdout.toString(), "back\n");
  });

  it("says in one line that the port is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closeAfterwards(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    const { status, stderr } = await serve(good.replace(/^listen: .*$/mu, `listen: 127.0.0.1:${port}`));
    assert.equal(status, 1);
    const [first = "", ...more] = stderr.trimEnd().split("\n");
    assert.match(
      first,
      new RegExp(`^bascule: cannot listen on 127\\.0\\.0\\.1:${port}: the port is taken$`, "u"),
    );
    assert.ok(more.length <= 1, stderr); // what to do about it
  });

  it("says in one line that a running bastion has this home", async () => {
    const { status, stderr } = await serve(good.replace(/^listen: .*$/mu, "listen: 127.0.0.1:0"));
    assert.equal(status, 75); // EX_TEMPFAIL: it may be free in a moment
    assert.ok(stderr.trimEnd().split("\n").length <= 2, stderr);
    assert.match(stderr, /^bascule: .*(another|in use|serves)/u);
    const { stdout } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "echo unharmed"]);
    assert.equal(stdout.toString(), "unharmed\n");
  });
});
