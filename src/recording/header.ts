import { BlockKind, encodeBlock } from "./block.js";
import { decodeJson, encodeJson, type Json } from "./canonical-json.js";
import { magic } from "./chain.js";
import { RecordingError } from "./recording-error.js";

/** One key of the recording, sealed to one auditor. */
export interface WrappedKey {
  /** `data` opens the frames; `apart` what was typed on terminals. */
  opens: "data" | "apart";
  /** The auditor's public key, `bascule-auditor:…`. */
  recipient: string;
  /** JWE compact serialization (RFC 7516), ECDH-ES+A256KW over X25519, A256GCM. */
  jwe: string;
}

/** What a recording says of its session before anything crossed. Clear text: verification and lists need no key. */
export interface RecordingHeader {
  format: "bascule-recording-v1";
  session: string;
  identity: string;
  grant: string;
  approvers: string[];
  reason: string;
  /** Serial of the user certificate, decimal. */
  serial: string;
  clientAddress: string;
  target: string;
  login: string;
  /** Fingerprint of the target's host key or host CA, `SHA256:…`. */
  hostKey: string;
  startedAtMs: number;
  /** SHA-256 of the policy in force, hexadecimal. */
  policy: string;
  /** The bastion's name. */
  bastion: string;
  /** What only the right data key gives: see `commitKey`. 64 hexadecimal digits. */
  keyCommitment: string;
  /** The same for the apart key: of what was typed on terminals. */
  apartKeyCommitment: string;
  /** Not in the header's block but in the one behind it, which a re-wrap may substitute. */
  keys: WrappedKey[];
}

const sha256Hex = /^[0-9a-f]{64}$/;

/** The beginning of a file: magic, header block, keys block. */
export function encodeOpening(header: RecordingHeader): Buffer {
  const { keys, ...clear } = header;
  const clearBlock = encodeJson(clear);
  const keysBlock = encodeJson(keys);
  // What is not read back exactly must not be written: it would make a recording that nobody can open.
  decodeHeader(clearBlock);
  decodeKeys(keysBlock);
  return Buffer.concat([
    magic,
    encodeBlock(BlockKind.header, clearBlock),
    encodeBlock(BlockKind.keys, keysBlock),
  ]);
}

/**
 * The header block's body, without its keys.
 * @throws RecordingError `header-invalid`
 */
export function decodeHeader(body: Buffer): Omit<RecordingHeader, "keys"> {
  return decodeJson(body, "header-invalid", (json) => {
    const format = json.member("format").text();
    if (format !== "bascule-recording-v1") throw new RecordingError("header-invalid", "another format");
    return {
      format,
      session: json.member("session").text(),
      identity: json.member("identity").text(),
      grant: json.member("grant").text(),
      approvers: json
        .member("approvers")
        .items()
        .map((item) => item.text()),
      reason: json.member("reason").text(),
      serial: json.member("serial").text(/^(0|[1-9][0-9]{0,19})$/),
      clientAddress: json.member("clientAddress").text(),
      target: json.member("target").text(),
      login: json.member("login").text(),
      hostKey: json.member("hostKey").text(),
      startedAtMs: json.member("startedAtMs").count(),
      policy: json.member("policy").text(),
      bastion: json.member("bastion").text(),
      keyCommitment: json.member("keyCommitment").text(sha256Hex),
      apartKeyCommitment: json.member("apartKeyCommitment").text(sha256Hex),
    };
  });
}

/**
 * The keys block's body.
 * @throws RecordingError `header-invalid`
 */
export function decodeKeys(body: Buffer): WrappedKey[] {
  return decodeJson(body, "header-invalid", readKeys);
}

/** Wrapped keys out of parsed JSON; throws a plain Error for another shape. */
export function readKeys(json: Json): WrappedKey[] {
  return json.items().map((item) => ({
    opens: item.member("opens").text(/^(data|apart)$/) as "data" | "apart",
    recipient: item.member("recipient").text(),
    jwe: item.member("jwe").text(),
  }));
}
