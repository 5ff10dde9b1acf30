import assert from "node:assert/strict";
import fc from "fast-check";
import {
  certificateTypeOf,
  decodeCertificate,
  encodeCertificate,
  KEY_TYPES,
  verifyCertificate,
  type CertificateFields,
} from "../../../src/certificate/index.js";
import { certify, codeOf, holderOf, sampleDemands, sampleFields } from "./samples.js";

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: "binary", maxLength })
    .filter((value) => !value.includes("\0") && Buffer.byteLength(value) <= maxLength);
const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((value) => Buffer.from(value));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const options = fc
  .array(fc.tuple(text(20), bytes(30)), { maxLength: 6 })
  .map((entries) => entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
  .map((entries) => new Map(entries));
const keyType = fc.constantFrom(...KEY_TYPES);

const fields: fc.Arbitrary<CertificateFields> = fc.record({
  nonce: bytes(64),
  key: keyType.map((type) => holderOf(type).key),
  serial: uint64,
  kind: fc.constantFrom("user", "host"),
  keyId: text(100),
  principals: fc.array(text(40), { maxLength: 5 }),
  validAfter: uint64,
  validBefore: uint64,
  criticalOptions: options,
  extensions: options,
  signatureKey: keyType.map((type) => holderOf(type).key),
});

describe("certificate/certificate", () => {
  it("decodes what it encoded, for all fields", () => {
    fc.assert(
      fc.property(fields, bytes(100), (certificate, signature) => {
        const blob = encodeCertificate(certificate, signature);
        const { type, blob: whole, signedBytes, signature: sealed, ...decoded } = decodeCertificate(blob);
        assert.equal(type, certificateTypeOf(certificate.key.type));
        assert.deepEqual(whole, blob);
        assert.deepEqual(sealed, signature);
        assert.deepEqual(signedBytes, blob.subarray(0, blob.length - 4 - signature.length));
        assert.deepEqual(decoded.key.blob, certificate.key.blob);
        assert.deepEqual(decoded.signatureKey.blob, certificate.signatureKey.blob);
        assert.deepEqual([...decoded.criticalOptions], [...certificate.criticalOptions]);
        assert.deepEqual([...decoded.extensions], [...certificate.extensions]);
        const plain = ({
          nonce,
          serial,
          kind,
          keyId,
          principals,
          validAfter,
          validBefore,
        }: CertificateFields) => ({
          nonce: nonce.toString("hex"),
          ...{ serial, kind, keyId, principals, validAfter, validBefore },
        });
        assert.deepEqual(plain(decoded), plain(certificate));
      }),
      { numRuns: 300 },
    );
  });

  it("encodes what it decoded to the same bytes, and changed bytes are refused, or decode to themselves and are denied", () => {
    const blobs = KEY_TYPES.map((type) => certify({ key: holderOf(type).key }).blob);
    const change = fc.record({ at: fc.nat(), remove: fc.nat(8), insert: fc.uint8Array({ maxLength: 8 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...blobs),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (original, changes) => {
          const changed = changes.reduce((blob, { at, remove, insert }) => {
            const start = at % blob.length;
            return Buffer.concat([blob.subarray(0, start), insert, blob.subarray(start + remove)]);
          }, original);
          fc.pre(!changed.equals(original));
          let certificate;
          try {
            certificate = decodeCertificate(changed);
          } catch (error) {
            assert.ok(
              codeOf(() => {
                throw error;
              }),
            ); // anything but a CertificateError is thrown on
            return;
          }
          assert.deepEqual(encodeCertificate(certificate, certificate.signature), changed);
          assert.equal(verifyCertificate(certificate, sampleDemands()).ok, false);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("sorts options by their bytes when it encodes", () => {
    const flag = Buffer.alloc(0);
    const unsorted = new Map([
      ["b", flag],
      ["aa", flag],
      ["Z", flag],
      ["a", flag],
    ]);
    assert.deepEqual([...certify({ extensions: unsorted }).extensions.keys()], ["Z", "a", "aa", "b"]);
  });

  it("keeps its own copy of the bytes", () => {
    const bytes = Buffer.from(certify().blob);
    const certificate = decodeCertificate(bytes);
    bytes.fill(0);
    assert.equal(verifyCertificate(certificate, sampleDemands()).ok, true);
  });

  it("keeps an empty principal list empty", () => {
    assert.deepEqual(certify({ principals: [] }).principals, []);
  });

  it("reads the largest certificate its limits allow", () => {
    const principals = Array.from({ length: 256 }, (_, index) => `user-${String(index)}`);
    assert.equal(certify({ principals }).principals.length, 256);
    const beyond = encodeCertificate(
      sampleFields({ principals: [...principals, "one-more"] }),
      Buffer.alloc(0),
    );
    assert.equal(
      codeOf(() => decodeCertificate(beyond)),
      "too-many",
    );
  });
});
