import assert from "node:assert/strict";
import type { CarriedCommand } from "../../../src/control/index.js";
import { Bench, prove } from "./bench.js";

const clientAddress = "192.0.2.7";
const terminal = { kind: "terminal", term: "xterm", columns: 80, rows: 24 } as const;

/** A menu, which reads, or what waits and gives its own account of an abort. */
async function reading({ input, line, signal }: CarriedCommand): Promise<number> {
  if (line === undefined) for await (const bytes of input) assert.ok(bytes);
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  return 130;
}

describe("control/carried-commands, locked", () => {
  for (const asked of [{ kind: "shell" }, { kind: "line", line: "request" }] as const)
    it(`ends a running ${asked.kind} of somebody who is locked, with the reason, and nobody else's`, async () => {
      const bench = await Bench.open();
      const proxy = await bench.proxy();
      const proof = prove(bench.alice, bench.alice.public.blob, "whoever");
      const answer = await proxy.call("identify", { proof, clientAddress });
      assert.ok(answer.ok);
      bench.control.serveCommands(reading);
      proxy.report("commandStarted", { login: answer.login, command: 1, asked, terminal });
      await bench.control.cuts.lock({ kind: "identity", name: "nobody" }, "admin@local", "another");
      await proxy.call("mayReach", { login: "none", target: "prod", port: 22 }); // until control has read it all
      assert.ok(!proxy.orders.some(({ name }) => name === "commandEnded"));
      await bench.control.cuts.lock({ kind: "identity", name: "alice" }, "admin@local", "laptop stolen");
      assert.equal((await proxy.order("commandEnded")).exit, 3);
      const said = proxy.orders.flatMap(({ name, order }) =>
        name === "commandOutput" ? Buffer.from((order as { bytes: string }).bytes, "base64").toString() : [],
      );
      assert.match(said.join(""), /laptop stolen/u);
    });
});
