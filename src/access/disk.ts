import type { OverrideId } from "./id.js";

/** How full the fuller of the file systems is. */
export const DISK_STATES = ["ok", "low", "full", "critical"] as const;
export type DiskLevel = (typeof DISK_STATES)[number];

/** The file system that is meant: of the recordings, or of the home. */
export const DISK_PLACES = ["recordings", "home"] as const;
export type DiskPlace = (typeof DISK_PLACES)[number];

/** What the ledger knows of a wish to go on although the disk is full. */
export interface DiskOverrideState {
  readonly override: OverrideId;
  readonly by: string;
  readonly reason: string;
  readonly forMs: number;
  readonly askedAtMs: number;
  readonly given?: { readonly by: string; readonly atMs: number; readonly untilMs: number };
  readonly ended?: { readonly by: string; readonly atMs: number };
}
