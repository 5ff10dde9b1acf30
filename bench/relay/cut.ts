import { once } from "node:events";
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { closeAfterwards } from "../../test/harness/closing.js";
import { freePort } from "../../test/harness/sshd.js";
import { rowOf } from "../row.js";
import { percentile } from "../statistics.js";
import { LiveSession } from "./live-session.js";
import type { Measurement } from "./measurement.js";
import type { Stand } from "./stand.js";

/** OpenSSH has no such thing as a revocation that ends a session: this stands for it in the ratio. */
const budgetMs = 100;

/** SSH_FXP_INIT, version 3 (draft-ietf-secsh-filexfer-02 section 4); the answer names extensions. */
const sftpInit = "\0\0\0\x05\x01\0\0\0\x03";
/** A client that is still there after this was not cut. */
const cutWithinMs = 10_000;
const forwardTriesMax = 1000;

/** From the order to revoke a grant to the end of each client that it had let in, one of every kind at once. */
export const cut: Measurement = {
  rows: ["cut-after-revoke-p50", "cut-after-revoke-p99"],
  async measure(stand, { cuts }, progress) {
    const ours: number[] = [];
    for (let round = 0; round <= cuts; round++) {
      progress.say(`cut-after-revoke: ${round} of ${cuts}`);
      const grant = await stand.issue();
      const sessions = await Promise.all([
        openShell(stand),
        openExec(stand),
        openSftp(stand),
        openForward(stand),
      ]);
      await sleep(100);
      const orderedMs = performance.now();
      await stand.ask("revoke", { id: [grant], reason: ["benchmark"] });
      const ends = await Promise.all(sessions.map(endOf));
      if (round > 0) ours.push(...ends.map((endedMs) => endedMs - orderedMs));
    }
    await stand.issue(); // for whatever is measured next
    const common = { unit: "ms", better: "less", ours, reference: [budgetMs] } as const;
    const at = (percent: number) => (values: readonly number[]) => percentile(values, percent);
    return [
      rowOf({ row: "cut-after-revoke-p50", ...common, of: at(50) }),
      rowOf({ row: "cut-after-revoke-p99", ...common, of: at(99), budget: { oursMax: budgetMs } }),
    ];
  },
};

async function endOf({ ended }: LiveSession): Promise<number> {
  const late = sleep(cutWithinMs, undefined, { ref: false });
  const endedMs = await Promise.race([ended, late]);
  if (endedMs === undefined) throw new Error("a session of a revoked grant was not cut");
  return endedMs;
}

function openShell({ tools, way }: Stand): Promise<LiveSession> {
  // The terminal echoes what is typed: only the shell makes one word of it.
  return LiveSession.open(tools.ssh, ["-tt", ...way], "echo re''ady\n");
}

function openExec({ tools, way }: Stand): Promise<LiveSession> {
  return LiveSession.open(tools.ssh, [...way, "echo ready; exec cat"]);
}

/** The subsystem without the program sftp, which would not notice the end before its next command. */
function openSftp({ tools, way }: Stand): Promise<LiveSession> {
  return LiveSession.open(tools.ssh, ["-s", ...way, "sftp"], sftpInit, "posix-rename@openssh.com");
}

/** A forward alone, without a session channel, and with a connection in it: to the target's own sshd. */
async function openForward({ tools, way, bastion }: Stand): Promise<LiveSession> {
  const port = await freePort();
  const args = ["-v", "-N", "-L", `${port}:127.0.0.1:${bastion.sshd.port}`, ...way];
  const session = await LiveSession.open(tools.ssh, args, "", "Local forwarding listening");
  // It says that it listens before it does.
  for (let tries = 0; tries < forwardTriesMax; tries++) {
    if (await hearsThrough(port)) return session;
    await sleep(10);
  }
  throw new Error("a forward does not listen");
}

/** Connects and stays connected. Resolves to whether the other end of the forward said something. */
async function hearsThrough(port: number): Promise<boolean> {
  const socket = createConnection(port, "127.0.0.1");
  closeAfterwards(() => void socket.destroy());
  try {
    await once(socket, "data");
    socket.on("error", () => undefined); // it is cut with its session
    return true;
  } catch {
    return false;
  }
}
