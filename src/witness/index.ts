/**
 * Witnesses (C2SP tlog-witness, tlog-cosignature): somebody elsewhere who signs that a ledger only ever grew. Here are both
 * sides: `startWitness`, the witness itself, and `Witnesses`, with which a bastion asks for cosignatures.
 *
 * Must never: sign before the disk has what is signed, sign two roots of one size or a smaller size, go on with a state that
 * is damaged; be waited for by the ledger, follow a redirect, or keep a cosignature that does not verify.
 */
export { parseLogs } from "./logs.js";
export type {
  AskedSettings,
  AskingLog,
  Cosigning,
  Refusing,
  WitnessCondition,
  WitnessStatus,
} from "./client/asked-witness.js";
export type { RefusalCode } from "./client/verdict.js";
export { Witnesses, type WitnessesOptions } from "./client/witnesses.js";
export { startWitness, type WitnessSettings } from "./server/start-witness.js";
export type { WitnessLog } from "./server/witness-app.js";
export type { WitnessServer } from "./server/witness-server.js";
export { WitnessError, type WitnessErrorCode } from "./witness-error.js";
