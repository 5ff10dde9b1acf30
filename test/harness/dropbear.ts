import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closeAfterwards } from "./closing.js";
import { endProcessTree } from "./processes.js";
import { programEnvironment, runProgram } from "./run-program.js";
import { freePort } from "./sshd.js";
import { temporaryFolder } from "./temporary.js";
import { requireTool } from "./tools.js";

/** A server that knows no certificates, neither of hosts nor of users. */
export interface RunningDropbear {
  readonly port: number;
  readonly hostKeyLine: string;
  /** The current user's name. */
  readonly login: string;
  readonly home: string;
}

const startMs = 60_000;

/** Starts a real dropbear on 127.0.0.1, which lets the current user in with a plain key. */
export async function startDropbear(authorizedKey: string): Promise<RunningDropbear> {
  const folder = temporaryFolder("dropbear");
  const home = join(folder, "home");
  mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  writeFileSync(join(home, ".ssh/authorized_keys"), `${authorizedKey}\n`, { mode: 0o600 });
  const hostKey = join(folder, "host-key");
  const made = await runProgram(requireTool("dropbearkey"), ["-t", "ed25519", "-f", hostKey]);
  const hostKeyLine = /^ssh-ed25519 \S+/m.exec(made.stdout.toString())?.[0];
  if (hostKeyLine === undefined) throw new Error(`dropbearkey: ${made.stderr}`);
  const { uid, gid, username } = userInfo();
  writeFileSync(join(folder, "passwd"), `${username}:x:${uid}:${gid}:test:${home}:/bin/bash\n`);
  writeFileSync(join(folder, "group"), `${username}:x:${gid}:\n`);
  const port = await freePort();
  const args = ["-F", "-E", "-s", "-r", hostKey, "-p", `127.0.0.1:${port}`];
  const child = spawn(requireTool("dropbear"), args, {
    env: {
      ...programEnvironment(),
      LD_PRELOAD: requireTool("libnss_wrapper"),
      NSS_WRAPPER_PASSWD: join(folder, "passwd"),
      NSS_WRAPPER_GROUP: join(folder, "group"),
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  closeAfterwards(async () => {
    if (child.pid !== undefined) await endProcessTree(child.pid);
    child.stderr.destroy();
  });
  const until = performance.now() + startMs;
  while (!said.includes("Not backgrounding")) {
    if (child.exitCode !== null || performance.now() > until)
      throw new Error(`dropbear does not start: ${said}`);
    await sleep(5);
  }
  return { port, hostKeyLine, login: username, home };
}
