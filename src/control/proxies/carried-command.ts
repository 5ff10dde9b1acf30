import type { SessionProof } from "../../rpc/index.js";

/** Somebody whose login on the bastion itself control has verified. */
export interface ProvenCaller {
  readonly identity: string;
  /** SHA-256 fingerprint of the key that signed. */
  readonly fingerprint: string;
  /** Set when they logged in with a certificate of ours: its serial in decimal. */
  readonly serial?: string;
  /** The login itself: the signature covers `proof.user`, which may name an approval. */
  readonly proof: SessionProof;
  /** Whether a hardware key signed, and was touched for it. */
  readonly presence: boolean;
  readonly clientAddress: string;
}

/** The client's terminal, as far as it said; 1 to 1000 each way. */
export interface CarriedTerminal {
  /** Of `[A-Za-z0-9._+-]` only. */
  readonly term: string;
  readonly columns: number;
  readonly rows: number;
}

/** One command that somebody gave to their ssh: `ssh bastion LINE`, or no line when a shell was asked for. */
export interface CarriedCommand {
  readonly caller: ProvenCaller;
  /** attacker-controlled: UTF-8 without NUL, at most 16 KiB; may hold line ends and escapes. */
  readonly line: string | undefined;
  /** Set when the client has a terminal: line ends then become CR LF on the way, and the input is raw (nobody echoes). */
  readonly terminal?: CarriedTerminal;
  /** What the client types or sends, once; ends with its input. Rejects with `signal.reason` when the client is gone. */
  readonly input: AsyncIterable<Buffer>;
  /** Aborted when the person interrupts (^C of a line on a terminal, INT, TERM) or is gone. */
  readonly signal: AbortSignal;
  /** Called with each new size of the terminal. */
  onResize(listener: (size: { readonly columns: number; readonly rows: number }) => void): void;
  /**
   * Sends to the person; resolves when there is room for more. Still works after an interruption; rejects with
   * `signal.reason` when the client is gone.
   */
  write(stream: "stdout" | "stderr", bytes: Buffer | string): Promise<void>;
}

/** Runs a command; gives the exit status, 0 to 255. What it throws is logged, and the person told "failed". */
export type CommandRunner = (command: CarriedCommand) => Promise<number>;
