import { ControlError, ConfigError } from "../control/index.js";
import { CertificateError } from "../certificate/index.js";
import { CommandError, ControlUnreachable, EXIT } from "../commands/index.js";
import { EvidenceError } from "../evidence/index.js";
import { LedgerError } from "../ledger/index.js";
import { HttpPortError } from "../web/index.js";
import { WitnessError } from "../witness/index.js";
import { RecordingError, type RecordingErrorCode } from "../recording/index.js";

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

/** What went wrong, as lines for stderr, and the exit status. What nobody foresaw keeps its stack: it is a bug. */
export function explain(error: unknown): { readonly exit: number; readonly lines: readonly string[] } {
  if (error instanceof CliError) return said(error.exit, error.message, error.hint);
  if (error instanceof CommandError) return said(EXIT[error.code], error.message, error.hint);
  if (error instanceof ConfigError) return said(EXIT.usage, error.message);
  if (error instanceof ControlUnreachable)
    return said(
      EXIT.tryLater,
      `no bastion answers: ${error.message}`,
      "start one: bascule serve --config FILE",
    );
  if (error instanceof RecordingError)
    return said(exitOfRecording[error.code] ?? EXIT.verificationFailed, `${error.code}: ${error.message}`);
  if (error instanceof LedgerError) {
    const exit = error.code === "in-use" ? EXIT.tryLater : EXIT.verificationFailed;
    return said(exit, `ledger: ${error.message} (${error.code})`);
  }
  if (error instanceof EvidenceError) return said(exitOfEvidence[error.code], error.message);
  if (error instanceof ControlError || error instanceof CertificateError)
    return said(EXIT.failed, error.message);
  if (error instanceof WitnessError) {
    const exits: Partial<Record<WitnessError["code"], number>> = {
      "log-invalid": EXIT.usage,
      "state-in-use": EXIT.tryLater,
    };
    return said(exits[error.code] ?? EXIT.failed, `${error.message} (${error.code})`);
  }
  if (error instanceof HttpPortError) return said(EXIT.failed, error.message);
  if (isSystemError(error)) return said(EXIT.failed, error.message);
  return {
    exit: EXIT.failed,
    lines: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  };
}

function said(exit: number, message: string, hint?: string) {
  const lines = message.split("\n").map((line) => `bascule: ${line}`);
  return {
    exit,
    lines: hint === undefined ? lines : [...lines, ...hint.split("\n").map((line) => `  ${line}`)],
  };
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}
