// verify-approval FILE KEY.pub [--touched]: did the holder of this key approve exactly this request?
//
// Written from docs/formats/signed-approval-v1.md with nothing but Node's own modules, so that it shares no mistake with
// Bascule. FILE is JSON: the ledger entries of a request and its approvals, in a list or one a line, or what
// `bascule show req-… --json` prints. Exits 0 and says who approved what; exits 1 and says why not; exits 2 when called wrongly.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** Section 2: the members of a request, and no others. */
const MEMBERS = [
  "id",
  "identity",
  "targets",
  "logins",
  "durationMs",
  "fromMs",
  "reason",
  "ticket",
  "role",
  "needs",
];
MEMBERS.push("breakGlass", "extends", "lapsesAtMs");

/** Section 4: the fields of a public key after its type; what is apart from a hardware key's application. */
const FIELDS = {
  "ssh-ed25519": 1,
  "ssh-rsa": 2,
  "sk-ssh-ed25519@openssh.com": 2,
  "sk-ecdsa-sha2-nistp256@openssh.com": 3,
};
const CURVES = {
  nistp256: ["P-256", 32, "sha256"],
  nistp384: ["P-384", 48, "sha384"],
  nistp521: ["P-521", 66, "sha512"],
};

const REQUEST_MESSAGE = 50;
const USER_PRESENT = 0x01;

/** What was approved and by whom; throws an Error that says why it is not proven. */
export function verifyApproval(text, keyLine, isTouchDemanded = false) {
  const { request, approvals } = readEntries(text);
  const [type, base64] = keyLine.trim().split(/\s+/);
  const key = Buffer.from(base64 ?? "", "base64");
  check(
    type !== undefined && key.length > 0 && new Reader(key).text() === type,
    "the key is no public-key line",
  );
  const theirs = approvals.filter(({ evidence }) => evidence && plainKey(bytes(evidence.key)).equals(key));
  check(theirs.length === 1, `${theirs.length} approvals are signed by this key`);
  const [{ by, evidence, presence }] = theirs;
  check(by !== request.identity, "it is by whoever asked");
  const digest = createHash("sha256").update(canonical(request)).digest("hex");
  check(evidence.user === `approve.${request.id}.${digest}`, "it was signed for another request");
  const touched = verifySignature(evidence, key, type);
  check(presence === touched, "whether the key was touched is not what was written down");
  const isWanted = isTouchDemanded || request.needs.presence === true;
  check(touched || !isWanted, "no hardware key was touched for it");
  return { by, request: request.id, digest, touched };
}

function readEntries(text) {
  const values = text.trim().startsWith("[") ? JSON.parse(text) : readOneOrLines(text);
  const events = values.map((value) => value.entry ?? value);
  const made = events.filter(({ type }) => type === "request.made");
  const shown = events.find(({ approvals }) => Array.isArray(approvals));
  if (shown !== undefined && made.length === 0) return { request: pick(shown), approvals: shown.approvals };
  check(made.length === 1, `${made.length} requests instead of one`);
  const { request } = made[0];
  check(
    Object.keys(request).every((name) => MEMBERS.includes(name)),
    "the request has members of another version",
  );
  const approved = events.filter(({ type }) => type === "request.approved");
  check(
    approved.every((event) => event.request === request.id),
    "an approval is of another request",
  );
  return { request, approvals: approved };
}

function readOneOrLines(text) {
  try {
    return [JSON.parse(text)];
  } catch {
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  }
}

function pick(shown) {
  return Object.fromEntries(
    MEMBERS.filter((name) => Object.hasOwn(shown, name)).map((name) => [name, shown[name]]),
  );
}

/** RFC 8785, for texts, whole numbers, booleans, lists and objects. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** Whether a hardware key was touched for it; throws when the signature is not good. */
function verifySignature({ sessionId, user, algorithm, key, signature }, plain, type) {
  const signed = Buffer.concat([
    string(bytes(sessionId)),
    Buffer.of(REQUEST_MESSAGE),
    ...[user, "ssh-connection", "publickey"].map(string),
    Buffer.of(1),
    string(algorithm),
    string(bytes(key)),
  ]);
  const reader = new Reader(bytes(signature));
  const inner = reader.text();
  const raw = reader.string();
  const isHardware = type.startsWith("sk-");
  const state = isHardware ? reader.take(5) : undefined;
  reader.end();
  check(
    inner === algorithm.replace("-cert-v01@openssh.com", isHardware ? "@openssh.com" : ""),
    "two algorithms",
  );
  const { hash, object, point, application } = publicKey(plain, inner);
  const message = isHardware ? Buffer.concat([sha256(application), state, sha256(signed)]) : signed;
  const bare = point === undefined ? raw : joined(raw, point);
  check(verify(hash, message, { key: object, dsaEncoding: "ieee-p1363" }, bare), "the signature is not good");
  return isHardware && (state[0] & USER_PRESENT) !== 0;
}

/** The plain public key, also of a certificate: after the type and a nonce it has the key's own fields. */
function plainKey(blob) {
  const reader = new Reader(blob);
  const type = reader.text();
  if (!type.includes("-cert-v01@openssh.com")) return blob;
  const plain = type.replace("-cert-v01@openssh.com", type.startsWith("sk-") ? "@openssh.com" : "");
  reader.string();
  const fields = Array.from({ length: FIELDS[plain] ?? 2 }, () => string(reader.string()));
  return Buffer.concat([string(plain), ...fields]);
}

function publicKey(blob, algorithm) {
  const reader = new Reader(blob);
  const type = reader.text();
  if (type === "ssh-rsa") {
    const hash = { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" }[algorithm];
    check(hash !== undefined, "the algorithm is none for this key");
    const [e, n] = [reader.string(), reader.string()].map((number) => base64url(unsigned(number)));
    return { hash, object: fromJwk({ kty: "RSA", e, n }) };
  }
  check(type === algorithm, "the algorithm is none for this key");
  if (type === "ssh-ed25519" || type === "sk-ssh-ed25519@openssh.com") {
    const object = fromJwk({ kty: "OKP", crv: "Ed25519", x: base64url(reader.string()) });
    return { hash: null, object, application: type.startsWith("sk-") ? reader.string() : undefined };
  }
  check(/^(sk-)?ecdsa-sha2-nistp\d{3}(@openssh\.com)?$/.test(type), "this type of key is not known");
  const [crv, point, hash] = CURVES[reader.text()] ?? [];
  const xy = reader.string();
  check(crv !== undefined && xy[0] === 4 && xy.length === 1 + 2 * point, "the key is none");
  const [x, y] = [xy.subarray(1, 1 + point), xy.subarray(1 + point)].map(base64url);
  return {
    ...{ hash, point, object: fromJwk({ kty: "EC", crv, x, y }) },
    application: type.startsWith("sk-") ? reader.string() : undefined,
  };
}

/** An ECDSA signature (two numbers) as the two in a row, each as long as the curve's. */
function joined(raw, point) {
  const reader = new Reader(raw);
  const numbers = [reader.string(), reader.string()].map(unsigned);
  reader.end();
  check(
    numbers.every((number) => number.length <= point),
    "the signature is none",
  );
  return Buffer.concat(numbers.map((number) => Buffer.concat([Buffer.alloc(point - number.length), number])));
}

function unsigned(number) {
  return number[0] === 0 ? number.subarray(1) : number;
}

function fromJwk(key) {
  return createPublicKey({ key, format: "jwk" });
}

function base64url(data) {
  return data.toString("base64url");
}

function sha256(data) {
  return createHash("sha256").update(data).digest();
}

/** RFC 4251 section 5: its length in four bytes, then the bytes. */
function string(data) {
  const content = Buffer.from(data);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

function bytes(base64) {
  const decoded = Buffer.from(base64, "base64");
  check(decoded.toString("base64") === base64, "what should be base64 is none");
  return decoded;
}

class Reader {
  #rest;

  constructor(data) {
    this.#rest = data;
  }

  take(count) {
    check(count <= this.#rest.length, "bytes are missing");
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  string() {
    return this.take(this.take(4).readUInt32BE());
  }

  text() {
    return this.string().toString("latin1");
  }

  end() {
    check(this.#rest.length === 0, "there are bytes too many");
  }
}

function check(isSo, why) {
  if (!isSo) throw new Error(why);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [file, key, option] = process.argv.slice(2);
  if (key === undefined || (option !== undefined && option !== "--touched")) {
    process.stderr.write("usage: verify-approval FILE KEY.pub [--touched]\n");
    process.exit(2);
  }
  try {
    const proven = verifyApproval(
      readFileSync(file, "utf8"),
      readFileSync(key, "utf8"),
      option === "--touched",
    );
    const how = proven.touched ? " with a touched hardware key" : "";
    process.stdout.write(`${proven.by} approved ${proven.request} (${proven.digest})${how}\n`);
  } catch (error) {
    process.stderr.write(`not proven: ${error.message}\n`);
    process.exit(1);
  }
}
