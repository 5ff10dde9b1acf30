import { chmodSync, existsSync, lstatSync, mkdirSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";
import { HomeError } from "./home-error.js";

/** Where things lie in the bastion's home. */
export interface HomePaths {
  readonly home: string;
  readonly keys: string;
  /** The ledger's working copy, a database; not evidence. */
  readonly journal: string;
  /** The ledger as files that need no database. */
  readonly ledger: string;
  /** What refused people had asked for, behind the salted hashes of the ledger; not evidence. */
  readonly salts: string;
  /** What is true, as a start may take it up: a working copy, signed; not evidence. Beside it `state.new` while it is written. */
  readonly state: string;
  readonly log: string;
  /** The auditor's private key that `init` makes; meant to be moved to the auditor. */
  readonly auditorKey: string;
  /** The private key of what was typed unseen, made with the other; meant to be moved to another person. */
  readonly apartAuditorKey: string;
  /** Signs the bearer tokens of the HTTP API. */
  readonly tokenKey: string;
  readonly controlSocket: string;
  readonly proxySocket: string;
}

/** `sockaddr_un.sun_path` has 108 bytes, one of them the terminator. */
const SOCKET_PATH_BYTES_MAX = 107;
/** Any right of group or others. */
const OTHERS = 0o077;

export function homePaths(home: string): HomePaths {
  const keys = join(home, "keys");
  return {
    home,
    keys,
    journal: join(home, "journal"),
    ledger: join(home, "ledger"),
    salts: join(home, "salts"),
    state: join(home, "state"),
    log: join(home, "log"),
    auditorKey: join(keys, "auditor.jwk"),
    apartAuditorKey: join(keys, "auditor-apart.jwk"),
    tokenKey: join(keys, "tokens.jwk"),
    controlSocket: join(home, "control.sock"),
    proxySocket: join(home, "proxy.sock"),
  };
}

/** Makes the folders of a home that are missing, for their owner alone. */
export function makeHome(home: string): HomePaths {
  const paths = homePaths(home);
  for (const folder of [home, paths.keys, paths.log]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return paths;
}

/**
 * Refuses a home that somebody else can look into or that is not ours: the keys in it would no longer be secret.
 * Throws HomeError `home-missing`, `home-open`, `home-foreign`, `socket-path-too-long`.
 */
export function checkHome(home: string): HomePaths {
  const paths = homePaths(home);
  for (const folder of [home, paths.keys]) checkFolder(folder);
  const longest = Buffer.byteLength(paths.controlSocket);
  if (longest > SOCKET_PATH_BYTES_MAX) {
    const most = SOCKET_PATH_BYTES_MAX - "/control.sock".length;
    throw new HomeError(
      "socket-path-too-long",
      `home ${home}: a path of at most ${most} bytes, for its sockets`,
    );
  }
  return paths;
}

function checkFolder(folder: string): void {
  const stats = statOf(folder);
  if (!stats?.isDirectory())
    throw new HomeError("home-missing", `no folder ${folder}: run bascule init first`);
  checkOwner(folder, stats);
  if ((stats.mode & OTHERS) !== 0)
    throw new HomeError("home-open", `${folder} can be read by others: run chmod 700 ${folder}`);
}

/** A file that only its owner may read. Throws HomeError `key-missing`, `key-open`, `home-foreign`. */
export function checkSecretFile(path: string): void {
  const stats = statOf(path);
  if (!stats?.isFile()) throw new HomeError("key-missing", `no key ${path}: run bascule init first`);
  checkOwner(path, stats);
  if ((stats.mode & OTHERS) !== 0)
    throw new HomeError("key-open", `${path} can be read by others: run chmod 600 ${path}`);
}

function checkOwner(path: string, stats: Stats): void {
  const uid = process.getuid?.();
  if (uid !== undefined && stats.uid !== uid)
    throw new HomeError("home-foreign", `${path} belongs to user ${stats.uid}, not to you (${uid})`);
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** Whether something is at that path, be it a dangling link. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Leaves a socket to its owner; a home is closed to others anyway. */
export function closeToOthers(path: string): void {
  chmodSync(path, 0o600);
}

/** Whether a home was made already. */
export function hasHome({ keys }: HomePaths): boolean {
  return existsSync(join(keys, "user-ca"));
}
