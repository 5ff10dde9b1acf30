import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { PseudoTerminal } from "../../../src/demo/index.js";

function open(command: string): PseudoTerminal {
  const env = { PATH: process.env["PATH"] ?? "", TERM: "dumb" };
  return new PseudoTerminal({
    file: "/bin/sh",
    args: ["-c", command],
    columns: 80,
    rows: 24,
    folder: "/",
    env,
  });
}

async function run(command: string) {
  const terminal = open(command);
  const output = await text(terminal.output);
  return { output, end: await terminal.ended };
}

describe("demo/pseudo-terminal", () => {
  it("loses nothing of 100 programs that end at once", async () => {
    const runs: Awaited<ReturnType<typeof run>>[] = [];
    for (let round = 0; round < 10; round++) {
      runs.push(...(await Promise.all(Array.from({ length: 10 }, () => run("echo one; exit 3")))));
    }
    const whole = runs.filter(
      ({ output, end }) => output === "one\r\n" && "status" in end && end.status === 3,
    );
    assert.equal(whole.length, 100);
  });

  it("loses nothing of a long output that is read late", async () => {
    const terminal = open("seq 1 100000");
    await sleep(300);
    const lines = (await text(terminal.output)).split("\r\n");
    assert.equal(lines.length, 100_001);
    assert.equal(lines[99_999], "100000");
  });

  it("names the signal that ended the program", async () => {
    assert.deepEqual((await run("kill -TERM $$")).end, { signal: "SIGTERM" });
  });

  it("ends although the program had stopped its output with Ctrl-S", async () => {
    const terminal = open("read line; sleep 0.2; exit 5");
    await terminal.write(Buffer.from("\x13"));
    terminal.output.resume();
    setTimeout(() => terminal.signal("SIGKILL"), 100);
    assert.deepEqual(await terminal.ended, { signal: "SIGKILL" });
  });

  it("ends when its program leaves another one behind", async () => {
    const { output } = await run("trap '' HUP; sleep 2 & echo left");
    assert.equal(output, "left\r\n");
  });

  it("takes more input than the terminal holds, in order", async () => {
    const terminal = open("stty raw -echo; echo ready; head -c 200000 | cksum");
    const output = text(terminal.output);
    await sleep(200);
    await terminal.write(Buffer.alloc(200_000, "x"));
    assert.match(await output, /ready\s+\d+ 200000/);
  });

  it("hangs up on its program when it is closed", async () => {
    const terminal = open("sleep 60");
    terminal.output.resume();
    await sleep(50);
    terminal.close();
    await terminal.ended;
    await sleep(50);
    assert.throws(() => process.kill(terminal.pid, 0), { code: "ESRCH" });
  });
});
