import assert from "node:assert/strict";
import {
  encodeCertificateLine,
  encodePublicKeyLine,
  KEY_TYPES,
  parseCertificateLine,
  parsePublicKeyLine,
  type CertificateErrorCode,
} from "../../../src/certificate/index.js";
import { certify, codeOf, holderOf } from "./samples.js";

describe("certificate/line", () => {
  for (const type of KEY_TYPES) {
    it(`writes and reads lines of ${type}`, () => {
      const { key } = holderOf(type);
      const line = encodePublicKeyLine(key, "alice at work");
      assert.equal(line, `${type} ${key.blob.toString("base64")} alice at work`);
      const parsed = parsePublicKeyLine(line);
      assert.deepEqual(parsed.key.blob, key.blob);
      assert.equal(parsed.comment, "alice at work");

      const certificate = certify({ key });
      const again = parseCertificateLine(encodeCertificateLine(certificate));
      assert.deepEqual(again.certificate.blob, certificate.blob);
      assert.equal(again.comment, "");
    });
  }

  const { key } = holderOf("ssh-ed25519");
  const base64 = key.blob.toString("base64");
  const accepted: [name: string, line: string, comment: string][] = [
    ["no-comment", `ssh-ed25519 ${base64}`, ""],
    ["line-end", `ssh-ed25519 ${base64} alice\n`, "alice"],
    ["line-end-of-windows", `ssh-ed25519 ${base64} alice\r\n`, "alice"],
    ["blanks-and-tabs", `ssh-ed25519 \t${base64}\t alice  \n`, "alice"],
  ];
  for (const [name, line, comment] of accepted) {
    it(`accepts ${name}`, () => {
      assert.deepEqual(parsePublicKeyLine(line).key.blob, key.blob);
      assert.equal(parsePublicKeyLine(line).comment, comment);
    });
  }

  const refused: [name: string, line: string, code: CertificateErrorCode][] = [
    ["empty", "", "invalid-line"],
    ["type-only", "ssh-ed25519", "invalid-line"],
    ["leading-blank", ` ssh-ed25519 ${base64}`, "invalid-line"],
    ["options-before-the-type", `no-pty ssh-ed25519 ${base64}`, "invalid-base64"],
    ["second-line", `ssh-ed25519 ${base64} a\nssh-ed25519 ${base64}`, "invalid-line"],
    ["two-line-ends", `ssh-ed25519 ${base64}\n\n`, "invalid-line"],
    ["escape-in-comment", `ssh-ed25519 ${base64} \u001b[2J`, "invalid-line"],
    ["blank-within", `ssh-ed25519 ${base64.slice(0, 20)} ${base64.slice(20)}`, "truncated"],
    ["no-padding", `ssh-ed25519 ${base64.replace(/.{4}$/u, "AA")}`, "invalid-base64"],
    ["stray-bits", `ssh-ed25519 ${base64.slice(0, -4)}AB==`, "invalid-base64"],
    ["url-alphabet", `ssh-ed25519 ${base64.slice(0, -4)}-_-_`, "invalid-base64"],
    ["foreign-character", `ssh-ed25519 ${base64.slice(0, -4)}A*AA`, "invalid-base64"],
    ["other-type-said", `ssh-rsa ${base64}`, "type-mismatch"],
    ["certificate-for-a-key", encodeCertificateLine(certify()), "unsupported-type"],
    ["endless", `ssh-ed25519 ${base64} ${"x".repeat(50_000)}`, "too-long"],
  ];
  for (const [name, line, code] of refused) {
    it(`refuses ${name}`, () =>
      assert.equal(
        codeOf(() => parsePublicKeyLine(line)),
        code,
      ));
  }

  it("refuses a key where a certificate is wanted, and a certificate line that says another type", () => {
    assert.equal(
      codeOf(() => parseCertificateLine(encodePublicKeyLine(key))),
      "unsupported-type",
    );
    const line = encodeCertificateLine(certify()).replace("ssh-ed25519", "ssh-rsa");
    assert.equal(
      codeOf(() => parseCertificateLine(line)),
      "type-mismatch",
    );
  });

  it("writes no comment that would break the line", () => {
    assert.equal(
      codeOf(() => encodePublicKeyLine(key, "a\nb")),
      "invalid-request",
    );
  });
});
