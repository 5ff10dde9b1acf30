import type { CertificateError } from "../certificate/index.js";
import { EXIT, type CommandError, type ControlUnreachable } from "../commands/index.js";
import type { ConfigError } from "../config/index.js";
import type { ControlError } from "../control/index.js";
import type { EvidenceError } from "../evidence/index.js";
import type { HomeError } from "../home/index.js";
import type { LedgerError } from "../ledger/index.js";
import type { RecordingError, RecordingErrorCode } from "../recording/index.js";
import type { HttpPortError } from "../web/index.js";
import type { WitnessError } from "../witness/index.js";

/** Something that the person at the command line can be told in a line or a few, with an exit status. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exit: number;
  readonly hint: string | undefined;

  constructor(exit: number, message: string, hint?: string) {
    super(message);
    this.exit = exit;
    this.hint = hint;
  }
}

/** What is not the recording's own fault. */
const exitOfRecording: Partial<Record<RecordingErrorCode, number>> = {
  "read-failed": EXIT.notFound,
  "channel-absent": EXIT.notFound,
  "key-not-for-us": EXIT.notPermitted,
  "auditor-key-invalid": EXIT.usage,
};

/** Evidence that cannot be judged, which is no verdict on it. */
const exitOfEvidence: Readonly<Record<EvidenceError["code"], number>> = {
  ...{ "not-found": EXIT.notFound, unreadable: EXIT.notPermitted, unreachable: EXIT.tryLater },
  "not-trusted": EXIT.failed,
  ...{ "verifier-invalid": EXIT.usage, "address-invalid": EXIT.usage, "too-large": EXIT.verificationFailed },
};

const exitOfWitness: Partial<Record<WitnessError["code"], number>> = {
  "log-invalid": EXIT.usage,
  "state-in-use": EXIT.tryLater,
};

/** What a person is told. */
interface Told {
  readonly exit: number;
  /** For stderr. */
  readonly lines: readonly string[];
}

/** Errors that somebody foresaw. */
type Foreseen =
  | (CertificateError | CliError | CommandError | ConfigError | ControlError | ControlUnreachable)
  | (EvidenceError | HomeError | HttpPortError | LedgerError | RecordingError | WitnessError);

/** By the names that they give themselves: to tell of an error, the room that it comes from need not be loaded. */
const tellings: { readonly [E in Foreseen as E["name"]]: (error: E) => Told } = {
  CertificateError: ({ message }) => said(EXIT.failed, message),
  CliError: ({ exit, message, hint }) => said(exit, message, hint),
  CommandError: ({ code, message, hint }) => said(EXIT[code], message, hint),
  ConfigError: ({ message }) => said(EXIT.usage, message),
  ControlError: ({ message }) => said(EXIT.failed, message),
  ControlUnreachable: ({ message }) =>
    said(EXIT.tryLater, `no bastion answers: ${message}`, "start one: bascule serve --config FILE"),
  EvidenceError: ({ code, message }) => said(exitOfEvidence[code], message),
  HomeError: ({ message }) => said(EXIT.failed, message),
  HttpPortError: ({ message }) => said(EXIT.failed, message),
  LedgerError: ({ code, message }) => {
    const exit = code === "in-use" ? EXIT.tryLater : EXIT.verificationFailed;
    return said(exit, `ledger: ${message} (${code})`);
  },
  RecordingError: ({ code, message }) =>
    said(exitOfRecording[code] ?? EXIT.verificationFailed, `${code}: ${message}`),
  WitnessError: ({ code, message }) => said(exitOfWitness[code] ?? EXIT.failed, `${message} (${code})`),
};

const tellingOf = new Map<string, (error: never) => Told>(Object.entries(tellings));

/** What went wrong, as lines for stderr, and the exit status. What nobody foresaw keeps its stack: it is a bug. */
export function explain(error: unknown): Told {
  const tell = error instanceof Error ? tellingOf.get(error.name) : undefined;
  if (tell !== undefined) return tell(error as never); // it bears the name of what `tell` is for
  if (isSystemError(error)) return said(EXIT.failed, error.message);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exit: EXIT.failed, lines: [text] };
}

function said(exit: number, message: string, hint?: string): Told {
  const lines = message.split("\n").map((line) => `bascule: ${line}`);
  return {
    exit,
    lines: hint === undefined ? lines : [...lines, ...hint.split("\n").map((line) => `  ${line}`)],
  };
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}
