import { cleanText, type DenialStage, type SessionId } from "../../access/index.js";
import type { Refusal } from "../../rpc/index.js";
import type { DecisionContext } from "../decision-context.js";
import { withHelp } from "./refusal-help.js";
import { refusalText } from "./refusal-text.js";
import type { Denied } from "./refusal.js";

const DETAIL_CHARS_MAX = 500;

/** Writes a refusal down, unless it is a passing one, and gives the form in which the proxy may know it. */
export async function recordDenial(
  context: DecisionContext,
  stage: DenialStage,
  denied: Denied,
  clientAddress: string,
): Promise<Refusal> {
  if (denied.isPassing === true) return { ok: false, reason: denied.reason, text: "" };
  const { reason, detail, identity, fingerprint } = denied;
  // at the first hop nothing was asked for yet: what the refusal names is what the certificate had led to
  const { target, login } = stage === "authenticate" ? {} : denied;
  const words = await context.salts.hide({
    detail: cleanDetail(detail),
    ...(target !== undefined && { target: cleanText(target) }),
    ...(login !== undefined && { login: cleanText(login) }),
  });
  await context.keeper.record({
    ...{ type: "session.denied", stage, reason, words },
    clientAddress: addressOf(clientAddress),
    ...(identity !== undefined && { identity }),
    ...(fingerprint !== undefined && { fingerprint }),
  });
  return { ok: false, reason, text: refusalText(withHelp(context, denied), context.config().name) };
}

/** Writes down what a proxy turned away of its own: a stranger, or a channel of a live session that its grant does not give. */
export async function recordRefusedByProxy(
  { keeper, salts }: DecisionContext,
  about: { clientAddress: string; reason: string; what?: string; session?: SessionId },
): Promise<void> {
  const { clientAddress, reason, what = reason, session } = about;
  const words = await salts.hide({ detail: cleanDetail(what) });
  await keeper.record({
    ...{ type: "session.denied", stage: session === undefined ? "connect" : "channel" },
    ...{ reason: codeOf(reason), words, clientAddress: addressOf(clientAddress) },
    ...(session !== undefined && { session }),
  });
}

/** A proxy's word as a kebab-case code. */
export function codeOf(word: string): string {
  const code = word
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, "-")
    .replace(/^[^a-z]+|-+$/gu, "");
  return code.slice(0, 60) || "refused";
}

/** An operator's detail, fit for the ledger. */
export function cleanDetail(detail: string): string {
  return cleanText(detail, DETAIL_CHARS_MAX);
}

function addressOf(text: string): string {
  return cleanText(text, 100).trim() || "unknown";
}
