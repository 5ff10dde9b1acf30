/**
 * control: the deciding process. Holds the CA keys, the ledger and with it what is true, the grants' clock; answers the
 * proxies' questions and tells them what to end.
 *
 * Must never: parse SSH transport, import ssh2 or a proxy's code, believe what a proxy says without checking it, answer
 * yes before the ledger has it on the disk, or give a private key away.
 */
export { Control } from "./control.js";
export type { ControlOptions } from "./open-parts.js";
export type { AuthorityLines } from "./keys/authority-lines.js";
export type {
  CarriedCommand,
  CarriedTerminal,
  CommandRunner,
  ProvenCaller,
} from "./proxies/carried-command.js";
export { ControlError, type ControlErrorCode } from "./control-error.js";
export { createAuthorityKeys } from "./keys/authority.js";
export type { Clocks } from "./clocks.js";
export { readKeyFile, writeKeyFile } from "./keys/key-file.js";
export type { ControlLog } from "./log.js";
export type { GrantAsk, GrantDenial, GrantRefused, IssuedGrant } from "./grants/issue-grant.js";
export type {
  CertificateAsk,
  CertificateDenial,
  CertificateRefused,
  Certified,
} from "./grants/certificate-answer.js";
export type {
  ApprovalRefused,
  Approved,
  Asked,
  EndingRefused,
  Extended,
  ExtensionAsk,
  ExtensionRefused,
  GivenApproval,
  RequestEnded,
  RequestEnding,
  RequestRefused,
  RequestWithdrawal,
  Reviewed,
  ReviewGiven,
  ReviewRefused,
} from "./requests/request-answer.js";
export type {
  RedactionApprovalRefused,
  RedactionApproved,
  RedactionEndingRefused,
  RedactionRefused,
  RewrapAsk,
  KeysRefused,
  RewrapRefused,
  Rewrapped,
  UnsealRefused,
} from "./recordings/edit-answer.js";
export type { ToldDenial } from "./refusals/denial-desk.js";
export type { RecordingDesk } from "./recordings/recording-desk.js";
export type { OverrideAnswer, OverrideRefused } from "./disk/override-desk.js";
export type { PlaceReport } from "./disk/disk-place.js";
export type { LiftRefused } from "./retention/hold-desk.js";
export type { RequestDesk } from "./requests/request-desk.js";
export {
  type IssuedToken,
  type TokenAsk,
  type TokenDenial,
  type TokenHolder,
  type TokenRefused,
} from "./logins/token-desk.js";
export { makeTokenKey } from "./keys/token-key.js";
export { answers, listenOnSocket } from "./unix-server.js";
export type { WitnessStatus } from "../witness/index.js";
export { describeMistake, type Config } from "../config/index.js";
export type { Derivation } from "./derive-state.js";
export type { LedgerProof } from "./keeper.js";
export { LedgerError, UNPUBLISHED_MS_MAX } from "../ledger/index.js";
