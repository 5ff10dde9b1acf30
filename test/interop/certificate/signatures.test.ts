import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  algorithmsOf,
  encodePrivateKey,
  generatePrivateKey,
  KEY_TYPES,
  verifySignature,
  WireReader,
  WireWriter,
  type PublicKey,
} from "../../../src/certificate/index.js";
import { holderOf, rsaKey } from "../../unit/certificate/samples.js";
import { SshKeygen } from "./ssh-keygen.js";

const MAGIC = Buffer.from("SSHSIG"); // PROTOCOL.sshsig
const MESSAGE = "what is signed\n";
const SIGNED = new WireWriter()
  .raw(MAGIC)
  .string("file")
  .string("")
  .string("sha512")
  .string(createHash("sha512").update(MESSAGE).digest())
  .finish();

function armor(key: PublicKey, signature: Buffer): string {
  const fields = new WireWriter()
    .raw(MAGIC)
    .uint32(1)
    .string(key.blob)
    .string("file")
    .string("")
    .string("sha512");
  const base64 =
    fields
      .string(signature)
      .finish()
      .toString("base64")
      .match(/.{1,70}/gu)
      ?.join("\n") ?? "";
  return `-----BEGIN SSH SIGNATURE-----\n${base64}\n-----END SSH SIGNATURE-----\n`;
}

function signatureIn(armored: string): Buffer {
  const reader = new WireReader(Buffer.from(armored.split("\n").slice(1, -2).join(""), "base64"));
  reader.raw(MAGIC.length + 4);
  for (let field = 0; field < 4; field++) reader.string(4096);
  const signature = reader.string(4096);
  reader.end();
  return signature;
}

describe("signatures, with ssh-keygen -Y", () => {
  const keygen = new SshKeygen();
  after(() => keygen.close());

  for (const type of KEY_TYPES) {
    it(`${type}: ssh-keygen believes ours`, () => {
      const holder = holderOf(type);
      const path = keygen.write("ours.sig", armor(holder.key, holder.sign(SIGNED)));
      const output = keygen.run(["-Y", "check-novalidate", "-n", "file", "-s", path], MESSAGE);
      assert.match(output, /^Good "file" signature/u);
    });
  }

  const keys = [
    generatePrivateKey("ed25519"),
    generatePrivateKey("nistp256"),
    generatePrivateKey("nistp384"),
    generatePrivateKey("nistp521"),
    rsaKey(3072),
  ];
  for (const key of keys) {
    it(`${key.public.type}: we believe ssh-keygen's, made with a key file of ours`, () => {
      const path = keygen.write("key", encodePrivateKey(key, "alice"));
      const signature = signatureIn(keygen.run(["-q", "-Y", "sign", "-n", "file", "-f", path], MESSAGE));
      const [algorithm = ""] = algorithmsOf(key.public.type);
      assert.deepEqual(verifySignature(key.public, algorithm, signature, SIGNED), { ok: true });
    });
  }
});
