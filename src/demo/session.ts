import { constants } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { ServerChannel, ServerSession } from "../ssh2/index.js";
import { serveFiles } from "./file-server.js";
import { openHomeFolder } from "./home-folder.js";
import type { AcceptedLogin } from "./login.js";
import { startProgram, type RunningProgram } from "./program.js";
import type { ProgramEnd } from "./pseudo-terminal.js";

/** Where the sessions of one connection live. */
export interface SessionPlace {
  readonly homes: string;
  readonly shell: string;
  readonly path: string;
  readonly clientAddress: string;
}

/** Variables that a client may set, as Debian's sshd lets it. */
const acceptedVariable = /^(LANG|LC_[A-Z]+)$/;
const variablesMax = 32;
const variableBytesMax = 1024;
/** The signals of RFC 4254 section 6.9; others cannot be named to a client. */
const namedSignals = new Set("ABRT ALRM FPE HUP ILL INT KILL PIPE QUIT SEGV TERM USR1 USR2".split(" "));

/** Serves one session channel (RFC 4254 section 6): a shell, a command or file transfer, for who has logged in. */
export function serveSession(session: ServerSession, login: AcceptedLogin, place: SessionPlace): void {
  const home = openHomeFolder(place.homes, login.login);
  const variables = new Map<string, string>();
  let terminal: { term: string; columns: number; rows: number } | undefined;
  let program: RunningProgram | undefined;

  session.on("env", (accept, reject, { key, val }) => {
    const isAccepted =
      acceptedVariable.test(key) && val.length <= variableBytesMax && variables.size < variablesMax;
    if (isAccepted) variables.set(key, val);
    answer(isAccepted, accept, reject);
  });
  session.on("pty", (accept, reject, { term, cols, rows }) => {
    if (login.mayUseTerminal) terminal = { term: term || "dumb", columns: cols, rows };
    answer(login.mayUseTerminal, accept, reject);
  });
  session.on("window-change", (accept, reject, { cols, rows }) => {
    program?.resize(cols, rows);
    answer(program !== undefined, accept, reject);
  });
  session.on("signal", (accept, reject, { name }) => {
    const isKnown = program !== undefined && namedSignals.has(name);
    if (isKnown) program?.signal(`SIG${name}` as NodeJS.Signals);
    answer(isKnown, accept, reject);
  });
  session.on("shell", (accept) => run(accept()));
  session.on("exec", (accept, _reject, { command }) => run(accept(), command));
  session.on("sftp", (accept, reject) => {
    if (login.forceCommand === undefined) serveFiles(accept(), home);
    else reject();
  });

  function run(channel: ServerChannel, asked?: string): void {
    const command = login.forceCommand ?? asked;
    const env = {
      ...Object.fromEntries(variables),
      ...environment(login.login, home, place),
      ...(terminal === undefined ? {} : { TERM: terminal.term }),
      ...(login.forceCommand === undefined ? {} : { SSH_ORIGINAL_COMMAND: asked ?? "" }),
    };
    program = startProgram({
      shell: place.shell,
      folder: home,
      env,
      ...(command === undefined ? {} : { command }),
      ...(terminal === undefined ? {} : { terminal }),
    });
    void connect(channel, program);
  }
}

function environment(login: string, home: string, { shell, path, clientAddress }: SessionPlace) {
  const SSH_CLIENT = clientAddress;
  const ENV = join(home, ".shrc");
  return { USER: login, LOGNAME: login, HOME: home, SHELL: shell, ENV, PATH: path, SSH_CLIENT };
}

/** ssh2 hands over neither where the client wants no reply. */
function answer(
  isDone: boolean,
  accept: (() => unknown) | undefined,
  reject: (() => unknown) | undefined,
): void {
  if (isDone) accept?.();
  else reject?.();
}

/** Joins a channel and a program until the program has ended and the client has taken all of its output. */
async function connect(channel: ServerChannel, program: RunningProgram): Promise<void> {
  const closed = new Promise<void>((resolve) => channel.on("close", resolve));
  channel.on("error", () => undefined);
  void closed.then(() => program.hangUp());
  channel.on("data", (chunk: Buffer) => {
    channel.pause();
    void program.write(chunk).then(() => channel.resume());
  });
  channel.on("end", () => program.endInput());

  // One at a time: in ssh2, a stdout and a stderr that both wait for the client's window share one flag, and one starves.
  let turn = Promise.resolve();
  const send = (to: Writable, bytes: Buffer) => (turn = turn.then(() => written(to, bytes, closed)));
  const sent = [pump(program.stdout, (bytes) => send(channel, bytes))];
  if (program.stderr !== undefined) {
    const { stderr } = channel;
    sent.push(pump(program.stderr, (bytes) => send(stderr, bytes)));
  }
  const end = await program.ended;
  await Promise.all(sent);
  sendEnd(channel, end);
  channel.end();
}

async function pump(from: Readable, send: (bytes: Buffer) => Promise<void>): Promise<void> {
  try {
    for await (const chunk of from) await send(chunk as Buffer);
  } catch {
    // The client has gone, and `hangUp` destroyed what was read here.
  }
}

/** A write to a channel that has closed meanwhile is never called back in ssh2. */
function written(to: Writable, bytes: Buffer, closed: Promise<void>): Promise<void> {
  return Promise.race([closed, new Promise<void>((resolve) => to.write(bytes, () => resolve()))]);
}

function sendEnd(channel: ServerChannel, end: ProgramEnd): void {
  if ("status" in end) channel.exit(end.status);
  else if (namedSignals.has(end.signal.slice(3))) channel.exit(end.signal);
  else channel.exit(128 + constants.signals[end.signal]);
}
