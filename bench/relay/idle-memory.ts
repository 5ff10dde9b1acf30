import { setTimeout as sleep } from "node:timers/promises";
import { descendants } from "../../test/harness/processes.js";
import { ownMemoryBytes } from "../machine.js";
import { rowOf } from "../row.js";
import { LiveSession } from "./live-session.js";
import type { Measurement } from "./measurement.js";

/** Sessions that are being opened at once. */
const openingAtOnce = 8;
/** Opened and closed first: code and pools that the first sessions need are not the price of each. */
const warmUpSessions = 8;
/** What was garbage of the openings may go. */
const settleMs = 5_000;

/** What the hop holds for a person who has a terminal open and types nothing. */
export const idleMemory: Measurement = {
  rows: ["idle-session-memory"],
  async measure({ tools, way, reference, bastion }, { idleSessions }, progress) {
    const perSession = async (args: readonly string[], hop: () => readonly number[], name: string) => {
      const memory = () => hop().reduce((sum, pid) => sum + ownMemoryBytes(pid), 0);
      const open = (count: number) =>
        openMany(count, async () => LiveSession.open(tools.ssh, ["-tt", ...args, "echo ready; exec cat"]));
      await closeAll(await open(warmUpSessions));
      await sleep(settleMs);
      const before = memory();
      progress.say(`idle-session-memory: ${name}, opening ${idleSessions} sessions`);
      const sessions = await open(idleSessions);
      await sleep(settleMs);
      const bytes = (memory() - before) / idleSessions;
      await closeAll(sessions);
      return bytes;
    };
    const sshd = reference.jump.pid;
    const processes = () => [sshd, ...descendants(sshd).map(({ pid }) => pid)];
    const ours = await perSession(way, () => bastion.pidsOf("proxy"), "ours");
    const theirs = await perSession(reference.ways.jump, processes, "reference");
    const row = { row: "idle-session-memory", unit: "KiB", better: "less" } as const;
    return [rowOf({ ...row, ours: [ours / 1024], reference: [theirs / 1024], budget: { oursMax: 256 } })];
  },
};

async function openMany(count: number, open: () => Promise<LiveSession>): Promise<LiveSession[]> {
  const opened: LiveSession[] = [];
  let begun = 0;
  const openSome = async () => {
    while (begun++ < count) opened.push(await open());
  };
  await Promise.all(Array.from({ length: openingAtOnce }, openSome));
  return opened;
}

async function closeAll(sessions: readonly LiveSession[]): Promise<void> {
  await Promise.all(sessions.map((session) => session.close()));
}
