import { createHmac } from "node:crypto";

const PREFIX = "whsec_";

/** The HMAC key of a `whsec_…`. Throws TypeError for what is no strict base64 of at least one byte. */
function signingKey(secret: string): Buffer {
  const base64 = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : "";
  const key = Buffer.from(base64, "base64");
  if (key.length === 0 || key.toString("base64") !== base64) throw new TypeError("not a whsec_ secret");
  return key;
}

/**
 * The headers by which a receiver knows message and sender: HMAC-SHA-256 over `id.seconds.body` (Standard Webhooks 1.0.0,
 * "Verifying webhook authenticity"). `sentAtMs` is the attempt's own time: receivers refuse what is old. Throws TypeError
 * for a secret that is none.
 */
export function signatureHeaders(
  secret: string,
  id: string,
  sentAtMs: number,
  body: string,
): Record<string, string> {
  const seconds = String(Math.floor(sentAtMs / 1000));
  const hmac = createHmac("sha256", signingKey(secret)).update(`${id}.${seconds}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${hmac}` };
}
