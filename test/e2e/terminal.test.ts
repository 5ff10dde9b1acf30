import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { openTerminal, type Terminal } from "../harness/terminal.js";
import { openssh, type OpensshVersion } from "../harness/tools.js";
import { everyWay, routeTo, type Way } from "../harness/ways.js";

describe("e2e/terminal", function () {
  let bastion: Bastion;
  before(async () => {
    bastion = await startBastion({ sshd: "10.0" });
    await bastion.issue();
    writeFileSync(join(bastion.sshd.home, ".bash_profile"), "PS1='> '; unset PROMPT_COMMAND\n");
    const lines = Array.from({ length: 500 }, (_, line) => `line ${line + 1}\n`);
    writeFileSync(join(bastion.sshd.home, "lines"), lines.join(""));
  });

  /** `ssh [flags] prod command` on a terminal of 100 columns and 24 rows. */
  function open(
    { version, way }: { version: OpensshVersion; way: Way },
    command: readonly string[] = [],
    flags: readonly string[] = [],
  ): Terminal {
    const { options, host } = routeTo(bastion, way);
    return openTerminal(openssh(version).ssh, [...options, ...flags, host, ...command], { columns: 100 });
  }

  for (const { named, ...how } of everyWay) {
    describe(named, () => {
      it("is a terminal to type on, of the size that it has, with the shell's exit status", async () => {
        const terminal = open(how);
        await terminal.waitFor("> ");
        terminal.type("tty; echo $TERM; stty size\r");
        await terminal.waitFor(/\/dev\/pts\/\d+\r\nxterm-256color\r\n24 100\r\n[^]*> /);
        terminal.resize(120, 40);
        terminal.type("stty size\r");
        await terminal.waitFor("40 120\r\n");
        terminal.type("exit 9\r");
        assert.deepEqual(await terminal.ended, { status: 9 });
      });

      it("interrupts a program, suspends one, and ends its input", async () => {
        const terminal = open(how);
        await terminal.waitFor("> ");
        // a process group of its own has the terminal once it has spoken; keys before that would be the shell's
        terminal.type("bash -c 'echo ready; sleep 60; true'\r");
        await terminal.waitFor("ready\r\n");
        terminal.type("\x03");
        await terminal.waitFor(/\^C[^]*> /);
        terminal.type("echo status $?\r");
        await terminal.waitFor("status 130\r\n");
        terminal.type("bash -c 'echo ready; exec cat'\r");
        await terminal.waitFor("ready\r\n");
        terminal.type("typed\r");
        await terminal.waitFor(/typed\r\n[^]*typed\r\n/);
        terminal.type("\x1a");
        await terminal.waitFor(/Stopped[^]*> /);
        terminal.type("fg\r");
        await terminal.waitFor("exec cat'\r\n");
        terminal.type("more\r");
        await terminal.waitFor(/more\r\n[^]*more\r\n/);
        terminal.type("\x04");
        await terminal.waitFor("> ");
        terminal.type("\x04");
        assert.deepEqual(await terminal.ended, { status: 0 });
      });
    });
  }

  for (const way of ["jump", "plus"] as const) {
    it(`${way}: draws a full-screen program, also after a resize`, async () => {
      const terminal = open({ version: "10.0", way }, ["less", "lines"], ["-t"]);
      await terminal.waitFor("lines");
      assert.match(await terminal.screen(), /^line 1\n[^]*\nline 23\nlines$/);
      terminal.type("G");
      await terminal.waitFor("END");
      assert.match(await terminal.screen(), /^line 478\n[^]*\nline 500\n/);
      terminal.resize(60, 10);
      await terminal.waitFor(/line 486[^]*:/);
      terminal.type("G");
      await terminal.waitFor("END");
      assert.match(await terminal.screen(), /^line 492\n[^]*\nline 500\n/);
      terminal.type("q");
      assert.deepEqual(await terminal.ended, { status: 0 });
    });

    it(`${way}: says once until when, and that it is recorded; nothing with -q`, async () => {
      const told = /bascule: prod as \S+ until [^\r\n]+ left\); session ses-\w+ is recorded\r+\n/g;
      const terminal = open({ version: "10.0", way }, ["echo", "done"], ["-t"]);
      await terminal.ended;
      assert.equal(terminal.output().match(told)?.length, 1, terminal.output());
      assert.equal(terminal.output().match(/bascule:/g)?.length, 1, terminal.output());
      const quiet = open({ version: "10.0", way }, ["echo", "done"], ["-t", "-q"]);
      await quiet.ended;
      assert.equal(quiet.output(), "done\r\n");
    });
  }

  it("gives a command a terminal only where the client asks for one", async () => {
    const terminal = open({ version: "10.0", way: "jump" }, ["tty; exit 3"], ["-T"]);
    assert.deepEqual(await terminal.ended, { status: 3 });
    assert.match(terminal.output(), /not a tty/);
  });
});
