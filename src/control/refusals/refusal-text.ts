import { cleanText } from "../../access/index.js";
import type { Denied } from "./refusal.js";
import { utcText } from "../../wording/index.js";

/** Characters of a foreign name that are repeated to its sender. */
const ECHO_CHARS_MAX = 64;
/** How many names a refusal offers instead. */
const INSTEAD_MAX = 8;
/** How many people a refusal names who could approve. */
const APPROVERS_MAX = 4;
/** Where ssh looks for the certificate of the most usual key. */
const CERTIFICATE_FILE = "~/.ssh/id_ed25519-cert.pub";

/**
 * What the user reads: what is wrong, and the one command that would help. Empty for whoever has not proven to hold a
 * key of ours. `bastion` is what they call us when they log in. Safe on any terminal.
 */
export function refusalText(denied: Denied, bastion: string): string {
  return denied.isKnown ? `bascule: ${sentence(denied, bastion)}` : "";
}

function sentence(denied: Denied, bastion: string): string {
  const helps = () => helpText(denied, bastion);
  const who = denied.identity ?? "you";
  const where = placeText(denied);
  const when = denied.atMs === undefined ? "" : ` at ${utcText(denied.atMs)}`;
  const because = denied.detail === "" ? "" : ` (${cleanText(denied.detail)})`;
  switch (denied.reason) {
    case "expired":
    case "certificate-expired":
      return `the certificate of ${who} ended${when}. ${helps()}`;
    case "not-yet-valid":
    case "certificate-not-yet-valid":
      return `the certificate of ${who} is not valid yet; it begins${when}. Try again then.`;
    case "revoked":
    case "certificate-revoked":
      return `the certificate of ${who} was revoked${when}${because}. ${helps()}`;
    case "key-revoked":
      return `this key of ${who} was revoked${when}${because}. Use another key; an admin can register it.`;
    case "unknown-certificate":
      return `this certificate is not in the bastion's books, so it opens nothing. ${helps()}`;
    case "no-principals":
    case "wrong-principal":
      return `this certificate does not name exactly one person, ${who}. ${helps()}`;
    case "unknown-identity":
      return `${who} is no longer known here. An admin can add ${who} to the configuration.`;
    case "unknown-target":
      return `there is no target ${quote(denied.target)}. ${insteadText(denied, `${who} may ask for`, bastion)}`;
    case "unknown-login":
      return `${quote(denied.target)} has no login ${quote(denied.login)}. ${insteadText(denied, "It has", bastion)}`;
    case "no-grant":
      return `${denied.heldGrant === undefined ? `${who} has` : "this certificate names"} no live grant for ${where}. ${helps()}`;
    case "grant-ended":
      return `the grant of ${who} for ${where} ended${when}. ${helps()}`;
    case "grant-not-yet-live":
      return `the grant of ${who} for ${where} begins${when}. Try again then.`;
    case "grant-revoked":
      return `the grant of ${who} for ${where} was revoked${when}${because}. ${helps()}`;
    case "locked":
      return `${lockedText(denied)}${because}. Nothing more is possible until an admin lifts the lock.`;
    case "role-withdrawn":
    case "role-narrowed":
      return `the policy no longer lets ${who} be on ${where}. See what is left with: ssh ${bastion} targets`;
    case "source-address":
      return `${where === "" ? "this certificate" : where} may not be reached from your address. Connect from an allowed network.`;
    case "certificate-required":
      return `${where} is opened by a certificate, not by a key alone. ${helps()}`;
    case "jump-mismatch":
      return `both hops of a jump must be the same identity. Use one certificate for the bastion and for ${where}.`;
    case "forced-command":
      return `certificates that force a command are not served. ${helps()}`;
    case "user-verification-missing":
      return "this certificate wants the PIN or fingerprint of your hardware key. Try again with it.";
    case "unknown-critical-option":
    case "malformed-critical-option":
      return `this certificate has a restriction that the bastion does not know. ${helps()}`;
    case "proof-reused":
    case "proof-mismatch":
      return "this login cannot be used twice or for something else. Connect again.";
    case "wrong-port":
      return `${quote(denied.target)} is reached on port 22 of its name; the bastion knows its address. Leave out the port.`;
    case "disk-full":
      return "the bastion's disk is full, so nothing could be recorded and no session begins. An admin has to make room; try again then.";
    default:
      return "not permitted.";
  }
}

/** The one command to run. A grant that the certificate in use does not name wants another certificate, not another grant. */
function helpText(
  { target = "TARGET", login = "LOGIN", heldGrant, waiting }: Denied,
  bastion: string,
): string {
  if (heldGrant !== undefined)
    return `Your grant ${heldGrant} is live; get a certificate that names it: ssh ${bastion} cert > ${CERTIFICATE_FILE}`;
  if (waiting !== undefined)
    return `Your request ${waiting.request} for it waits for ${whoText(waiting.approvers)}. See: ssh ${bastion} requests`;
  return `Ask for it: ssh ${bastion} request ${clean(target)} --as ${clean(login)} --for 30m --reason "why"`;
}

function whoText(approvers: readonly string[]): string {
  if (approvers.length === 0) return "approval";
  const names = approvers.slice(0, APPROVERS_MAX).join(", ");
  return `approval by ${names}${approvers.length > APPROVERS_MAX ? " or others" : ""}`;
}

function lockedText({ locked, identity = "this identity" }: Denied): string {
  return locked === undefined ? `${identity} is locked` : `${locked} is locked`;
}

function placeText({ target, login }: Denied): string {
  if (target === undefined) return "";
  return login === undefined ? clean(target) : `${clean(target)} as ${clean(login)}`;
}

function insteadText({ instead = [] }: Denied, opening: string, bastion: string): string {
  if (instead.length === 0) return `See what there is with: ssh ${bastion} targets`;
  const names = instead.slice(0, INSTEAD_MAX).join(", ");
  return `${opening}: ${names}${instead.length > INSTEAD_MAX ? `, and more (ssh ${bastion} targets)` : ""}`;
}

function quote(name = ""): string {
  return `"${clean(name)}"`;
}

function clean(name: string): string {
  return cleanText(name, ECHO_CHARS_MAX);
}
