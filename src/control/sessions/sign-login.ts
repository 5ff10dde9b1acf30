import type { SessionState } from "../../access/index.js";
import { algorithmsOf } from "../../certificate/index.js";
import type { InventoryTarget } from "../../config/index.js";
import { WireError, WireReader } from "../../wire/index.js";
import { ControlError } from "../control-error.js";
import { readKeyFile } from "../keys/key-file.js";

/** SSH_MSG_USERAUTH_REQUEST */
const USERAUTH_REQUEST = 50;

/**
 * Signs the upstream login of a live session with the target's own key, which never leaves this process. Signs nothing
 * but that login: the blob (RFC 4252 section 7) must name the session's login and this key.
 * Throws ControlError `login-blob-refused`, and what reading the key throws.
 */
export function signLogin(session: SessionState, target: InventoryTarget, data: Buffer): Buffer {
  if (target.login.kind !== "key") throw refused("the target is logged in to by certificate");
  const key = readKeyFile(target.login.path);
  const { login, algorithm, blob } = readLoginBlob(data);
  if (login !== session.login) throw refused("another login than the session's");
  if (!blob.equals(key.public.blob)) throw refused("another key than the target's");
  const known = algorithmsOf(key.public.type).find((name) => name === algorithm);
  if (known === undefined) throw refused("an algorithm that is not the key's");
  return key.sign(data, known);
}

function readLoginBlob(data: Buffer): { login: string; algorithm: string; blob: Buffer } {
  try {
    const reader = new WireReader(data);
    reader.string(); // the session id; only the proxy and the target know it
    const isRequest = reader.byte() === USERAUTH_REQUEST;
    const login = reader.text();
    const isKeyLogin =
      reader.text() === "ssh-connection" && reader.text() === "publickey" && reader.boolean();
    const algorithm = reader.text();
    const blob = reader.string();
    reader.end();
    if (isRequest && isKeyLogin) return { login, algorithm, blob };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  throw refused("not the blob of a public-key login");
}

function refused(message: string): ControlError {
  return new ControlError("login-blob-refused", message);
}
