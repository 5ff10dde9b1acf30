import assert from "node:assert/strict";
import { generatePrivateKey, type PrivateKey } from "../../../src/certificate/index.js";
import type { CarriedCommand, CommandRunner } from "../../../src/control/index.js";
import { CommandAborted } from "../../../src/control/proxies/command-aborted.js";
import type { Reports } from "../../../src/rpc/index.js";
import { Bench, prove } from "./bench.js";
import type { FakeProxy } from "./fake-proxy.js";

const clientAddress = "192.0.2.7";
const windowBytes = 64 * 1024;
const noTerminal = { kind: "none" } as const;
const terminal = { kind: "terminal", term: "xterm", columns: 80, rows: 24 } as const;
const line = (text: string) => ({ kind: "line", line: text }) as const;

/** A control, a proxy with alice logged in on it, and a runner that hands each command to the test. */
async function open(run?: CommandRunner) {
  const bench = await Bench.open();
  const proxy = await bench.proxy();
  const login = await logIn(proxy, bench.alice);
  const seen: CarriedCommand[] = [];
  let wake: () => void = () => undefined;
  const ends: ((exit: number) => void)[] = [];
  const byTest: CommandRunner = (command) => {
    seen.push(command);
    wake();
    return new Promise((resolve) => ends.push(resolve));
  };
  bench.control.serveCommands(run ?? byTest);
  const started = async (): Promise<CarriedCommand> => {
    for (;;) {
      const command = seen.shift();
      if (command) return command;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const start = (command: number, asked: Reports["commandStarted"]["asked"], about: object = {}) =>
    proxy.report("commandStarted", { login, command, asked, terminal: noTerminal, ...about });
  return { bench, proxy, login, start, started, end: (exit: number) => ends.shift()?.(exit) };
}

async function logIn(proxy: FakeProxy, key: PrivateKey, user = "whoever"): Promise<string> {
  const answer = await proxy.call("identify", { proof: prove(key, key.public.blob, user), clientAddress });
  assert.ok(answer.ok);
  return answer.login;
}

/** All output of a command until it ends, and its status. */
async function heard(proxy: FakeProxy): Promise<{ stdout: string; stderr: string; exit: number }> {
  const { exit } = await proxy.order("commandEnded");
  const said = { stdout: "", stderr: "" };
  for (const { name, order } of proxy.orders.splice(0)) {
    if (name !== "commandOutput") continue;
    const { stream, bytes } = order as { stream: "stdout" | "stderr"; bytes: string };
    said[stream] += Buffer.from(bytes, "base64").toString();
  }
  return { ...said, exit };
}

/** Waits until it is so; the test's own time limit ends it otherwise. */
async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Until control has read all that the proxy sent: its answer comes after. */
async function settled(proxy: FakeProxy): Promise<void> {
  await proxy.call("mayReach", { login: "none", target: "prod", port: 22 });
}

describe("control/carried-commands", () => {
  it("hands a runner the line, and who verifiably sent it", async () => {
    const { bench, proxy, start, started, end } = await open();
    start(1, line("request prod\t--for 30m"), { terminal });
    const { caller, ...command } = await started();
    assert.equal(command.line, "request prod\t--for 30m");
    assert.deepEqual(command.terminal, { term: "xterm", columns: 80, rows: 24 });
    const [key] = bench.control.policy.identities.get("alice")?.keys ?? [];
    const { proof, ...who } = caller;
    assert.deepEqual(who, {
      identity: "alice",
      fingerprint: key?.fingerprint,
      presence: false,
      clientAddress,
    });
    assert.equal(proof.user, "whoever");
    end(3);
    assert.deepEqual(await heard(proxy), { stdout: "", stderr: "", exit: 3 });
  });

  it("leaves room for others, however many connections somebody makes", async () => {
    const { bench, proxy, started } = await open();
    const asked = { asked: line("request --wait"), terminal: noTerminal };
    for (let command = 0; command <= 64; command += 8) {
      const login = await logIn(proxy, bench.alice);
      for (const more of Array.from({ length: command === 64 ? 1 : 8 }).keys())
        proxy.report("commandStarted", { ...asked, login, command: command + more });
    }
    const { stderr, exit } = await heard(proxy);
    assert.deepEqual([stderr, exit], ["bascule: too many of your commands at once\n", 75]);
    const login = await logIn(proxy, bench.bob);
    proxy.report("commandStarted", { ...asked, login, command: 65 });
    for (;;) if ((await started()).caller.identity === "bob") break;
  });

  it("names the certificate that somebody logged in with", async () => {
    const { bench, proxy, start, started } = await open();
    const { serial, blob } = await bench.issue();
    const proof = prove(bench.alice, blob, "x");
    const answer = await proxy.call("identify", { proof, clientAddress });
    assert.ok(answer.ok);
    start(1, { kind: "shell" }, { login: answer.login });
    const command = await started();
    assert.deepEqual([command.caller.serial, command.line], [serial, undefined]);
  });

  it("carries input to its end, and says what was taken", async () => {
    const { proxy, start } = await open(async (command) => {
      for await (const bytes of command.input) await command.write("stdout", bytes);
      await command.write("stderr", "done\n");
      return 0;
    });
    start(1, line("echo"));
    for (const text of ["hello ", "world"])
      proxy.report("commandInput", { command: 1, bytes: Buffer.from(text).toString("base64"), isEnd: false });
    proxy.report("commandInput", { command: 1, bytes: "", isEnd: true });
    assert.deepEqual(await heard(proxy), { stdout: "hello world", stderr: "done\n", exit: 0 });
  });

  it("lets no more output be under way than a window, whatever is written", async () => {
    const all = Buffer.alloc(5 * windowBytes, "x");
    let isWritten = false;
    const { proxy, start } = await open(async (command) => {
      await Promise.all([command.write("stdout", all), command.write("stdout", "end")]);
      isWritten = true;
      return 0;
    });
    start(1, line("export"));
    let taken = 0;
    const outputs = () => proxy.orders.filter(({ name }) => name === "commandOutput");
    const bytes = () =>
      outputs().reduce(
        (sum, { order }) => sum + Buffer.from((order as { bytes: string }).bytes, "base64").length,
        0,
      );
    for (; taken < all.length; taken += windowBytes) {
      await eventually(() => bytes() >= taken + windowBytes);
      await settled(proxy);
      assert.deepEqual([bytes(), isWritten], [taken + windowBytes, false]);
      proxy.report("commandTaken", { command: 1, bytes: windowBytes });
    }
    assert.equal((await heard(proxy)).stdout.length, all.length + 3);
  });

  it("closes a proxy that sends more input than was granted, or after its end", async () => {
    const piece = Buffer.alloc(16 * 1024).toString("base64");
    const sins: ((proxy: FakeProxy) => void)[] = [
      (proxy) => {
        for (let sent = 0; sent < 5; sent++)
          proxy.report("commandInput", { command: 1, bytes: piece, isEnd: false });
      },
      (proxy) => {
        proxy.report("commandInput", { command: 1, bytes: "", isEnd: true });
        proxy.report("commandInput", { command: 1, bytes: piece, isEnd: false });
      },
      (proxy) =>
        proxy.report("commandStarted", { login: "", command: 1, asked: line("x"), terminal: noTerminal }),
    ];
    for (const sin of sins) {
      const { proxy, start, started } = await open();
      start(1, line("cert"));
      await started();
      sin(proxy);
      await proxy.closed;
    }
  });

  it("aborts at a signal, and still hears what the command then says", async () => {
    const { proxy, start } = await open(async (command) => {
      await new Promise((resolve) => command.signal.addEventListener("abort", resolve));
      await command.write("stderr", "interrupted\n");
      return 130;
    });
    for (const signal of ["INT", "TERM"]) {
      start(1, line("request --wait"));
      proxy.report("commandSignalled", { command: 1, signal: "USR1" });
      await settled(proxy);
      assert.deepEqual(proxy.orders, []);
      proxy.report("commandSignalled", { command: 1, signal });
      assert.deepEqual(await heard(proxy), { stdout: "", stderr: "interrupted\n", exit: 130 });
    }
    start(1, line("request --wait"));
    proxy.report("commandSignalled", { command: 1, signal: "INT" }); // before it was begun
    assert.deepEqual(await heard(proxy), { stdout: "", stderr: "", exit: 130 });
  });

  it("takes ^C and ^D on the terminal of a line for what they are, and leaves both to a shell", async () => {
    const { proxy, start, started, end } = await open();
    start(1, line("watch"), { terminal });
    proxy.report("commandInput", {
      command: 1,
      bytes: Buffer.from("ab\x04cd").toString("base64"),
      isEnd: false,
    });
    const first = await started();
    const read: string[] = [];
    for await (const bytes of first.input) read.push(bytes.toString());
    assert.deepEqual([read, first.signal.aborted], [["ab"], false]);
    proxy.report("commandInput", { command: 1, bytes: Buffer.from("\x03").toString("base64"), isEnd: false });
    await settled(proxy);
    assert.equal(first.signal.aborted, false); // after ^D there is no keyboard
    end(0);

    start(2, line("watch"), { terminal });
    const second = await started();
    proxy.report("commandInput", { command: 2, bytes: Buffer.from("\x03").toString("base64"), isEnd: false });
    await assert.rejects(second.input[Symbol.asyncIterator]().next(), { code: "interrupted" });

    start(3, { kind: "shell" }, { terminal });
    const shell = await started();
    proxy.report("commandInput", {
      command: 3,
      bytes: Buffer.from("\x03\x04").toString("base64"),
      isEnd: false,
    });
    const { value } = (await shell.input[Symbol.asyncIterator]().next()) as { value: Buffer };
    assert.deepEqual([[...value], shell.signal.aborted], [[3, 4], false]);
  });

  it("tells a command of new sizes", async () => {
    const { proxy, start, started } = await open();
    start(1, { kind: "shell" }, { terminal });
    const command = await started();
    const sizes: object[] = [];
    command.onResize((size) => sizes.push(size));
    proxy.report("commandResized", { command: 1, columns: 120, rows: 40 });
    proxy.report("commandResized", { command: 1, columns: 0, rows: 1_000_000 });
    await settled(proxy);
    assert.deepEqual(sizes, [
      { columns: 120, rows: 40 },
      { columns: 1, rows: 1000 },
    ]);
  });

  const leavings: [name: string, leave: (proxy: FakeProxy) => void][] = [
    ["the-channel", (proxy) => proxy.report("commandGone", { command: 1 })],
    ["the-proxy", (proxy) => proxy.leave()],
  ];
  for (const [name, leave] of leavings)
    it(`lets go of a command when ${name} is gone, whatever it waits for`, async () => {
      const { proxy, start, started, end } = await open();
      start(1, line("export"));
      const command = await started();
      const writing = command.write("stdout", Buffer.alloc(2 * windowBytes));
      const reading = command.input[Symbol.asyncIterator]().next();
      leave(proxy);
      for (const waiting of [writing, reading, command.write("stdout", "more")])
        await assert.rejects(waiting, (error) => error instanceof CommandAborted && error.code === "gone");
      assert.equal(command.signal.aborted, true);
      end(0);
      await new Promise(setImmediate);
      assert.ok(!proxy.orders.some((order) => order.name === "commandEnded"));
    });

  it("gives 1 to what fails, and says no more of it", async () => {
    const { proxy, start } = await open(() => Promise.reject(new Error("/secret/path")));
    start(1, line("x"));
    const { stderr, exit } = await heard(proxy);
    assert.equal(exit, 1);
    assert.match(stderr, /^bascule: the command failed/u);
    assert.doesNotMatch(stderr, /secret/u);
  });

  describe("believes no proxy", () => {
    const again = /restarted since you logged in; connect again/u;

    it("about a login that it did not verify on that proxy", async () => {
      const { bench, proxy, login, start } = await open();
      start(1, line("whoami"), { login: "0".repeat(32) });
      const unknown = await heard(proxy);
      assert.equal(unknown.exit, 75);
      assert.match(unknown.stderr, again);
      const other = await bench.proxy("p2");
      other.report("commandStarted", { login, command: 1, asked: line("whoami"), terminal: noTerminal });
      assert.match((await heard(other)).stderr, again);
    });

    it("about a login whose connection has ended", async () => {
      const { proxy, login, start } = await open();
      proxy.report("loginEnded", { login });
      start(1, line("whoami"));
      assert.match((await heard(proxy)).stderr, again);
      const reach = await proxy.call("mayReach", { login, target: "prod", port: 22 });
      assert.deepEqual(reach.ok ? "ok" : reach.reason, "login-unknown");
    });

    it("after a restart, about a login of before", async () => {
      const { bench, proxy, login } = await open();
      await bench.control.abandon();
      await proxy.closed;
      await bench.start();
      const back = await bench.proxy();
      back.report("commandStarted", { login, command: 1, asked: line("whoami"), terminal: noTerminal });
      const { stderr, exit } = await heard(back);
      assert.match(stderr, again);
      assert.equal(exit, 75);
    });

    it("nine times at once about one login", async () => {
      const { proxy, start, started, end } = await open();
      for (let command = 1; command <= 9; command++) start(command, line("request --wait"));
      const { stderr, exit } = await heard(proxy);
      assert.equal(exit, 75);
      assert.match(stderr, /too many commands at once/u);
      for (let count = 0; count < 8; count++) await started();
      end(0);
      await proxy.order("commandEnded");
      start(10, line("whoami"));
      assert.equal((await started()).line, "whoami");
    });
  });

  describe("judges a login again", () => {
    it("for each command: a lock counts at once, and says why", async () => {
      const { bench, proxy, login, start, started, end } = await open();
      start(1, line("whoami"));
      await started();
      end(0);
      await heard(proxy);
      await bench.control.cuts.lock({ kind: "identity", name: "alice" }, "admin@local", "laptop lost");
      start(2, line("whoami"));
      const { stderr, exit } = await heard(proxy);
      assert.equal(exit, 3);
      assert.match(stderr, /alice is locked.*laptop lost/u);
      const reach = await proxy.call("mayReach", { login, target: "prod", port: 22 });
      assert.equal(reach.ok ? "ok" : reach.reason, "locked");
      const proof = prove(bench.alice, bench.alice.public.blob, "approve.req-x.00");
      const again = await proxy.call("identify", { proof, clientAddress });
      assert.ok(!again.ok);
      assert.equal(again.reason, "locked");
      assert.match(again.text, /laptop lost/u);
    });

    it("for a target that is locked, to whom it concerns", async () => {
      const { bench, proxy, login } = await open();
      await bench.issue();
      for (const name of ["prod", "lab"])
        await bench.control.cuts.lock({ kind: "target", name }, "admin@local", "forensics");
      const reason = async (target: string) => {
        const answer = await proxy.call("mayReach", { login, target, port: 22 });
        return answer.ok ? "ok" : answer.reason;
      };
      assert.deepEqual([await reason("prod"), await reason("lab")], ["locked", "no-grant"]);
    });

    it("and forgets it after fifty refusals, each in the ledger", async () => {
      const { bench, proxy, start } = await open();
      await bench.control.cuts.lock({ kind: "identity", name: "alice" }, "admin@local", "laptop lost");
      for (let command = 1; command <= 60; command++) {
        start(command, line("whoami"));
        await heard(proxy);
      }
      const denied = (await bench.history()).filter((type) => type === "session.denied");
      assert.equal(denied.length, 50);
    });

    it("tells a stranger nothing", async () => {
      const { proxy } = await open();
      const key = generatePrivateKey("ed25519");
      const answer = await proxy.call("identify", {
        proof: prove(key, key.public.blob, "alice"),
        clientAddress,
      });
      assert.ok(!answer.ok);
      assert.equal(answer.text, "");
    });
  });

  it("asks for patience while nobody runs commands", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy();
    const login = await logIn(proxy, bench.alice);
    proxy.report("commandStarted", { login, command: 1, asked: line("whoami"), terminal: noTerminal });
    const { exit, stderr } = await heard(proxy);
    assert.equal(exit, 75);
    assert.match(stderr, /try again/u);
  });
});
