import assert from "node:assert/strict";
import {
  encodePrivateKey,
  encodePublicKeyLine,
  generatePrivateKey,
  parsePrivateKey,
  parsePublicKeyLine,
} from "../../../src/certificate/index.js";
import { codeOf, rsaKey } from "../../unit/certificate/samples.js";
import { GENERATE, SshKeygen } from "./ssh-keygen.js";

describe("private-key files, with ssh-keygen", () => {
  const keygen = new SshKeygen();
  after(() => keygen.close());

  for (const [name, args] of Object.entries(GENERATE)) {
    it(`reads ssh-keygen's ${name} key: plain, encrypted and in PEM`, () => {
      keygen.run([...args, "-q", "-N", "", "-C", "alice at work", "-f", name]);
      const { key } = parsePublicKeyLine(keygen.read(`${name}.pub`));
      const plain = parsePrivateKey(keygen.read(name));
      assert.deepEqual(plain.public.blob, key.blob);
      assert.equal(plain.comment, "alice at work");

      keygen.run(["-q", "-p", "-a", "4", "-P", "", "-N", "secret", "-f", name]);
      const encrypted = keygen.read(name);
      assert.deepEqual(parsePrivateKey(encrypted, "secret").public.blob, key.blob);
      assert.equal(
        codeOf(() => parsePrivateKey(encrypted)),
        "encrypted-private-key",
      );
      assert.equal(
        codeOf(() => parsePrivateKey(encrypted, "guess")),
        "invalid-private-key",
      );

      if (name === "ed25519") return; // has no PEM in ssh-keygen 9.2
      for (const format of ["PEM", "PKCS8"]) {
        keygen.run(["-q", "-p", "-P", "secret", "-N", "secret", "-m", format, "-f", name]);
        assert.equal(
          codeOf(() => parsePrivateKey(keygen.read(name))),
          "encrypted-private-key",
        );
        assert.deepEqual(parsePrivateKey(keygen.read(name), "secret").public.blob, key.blob);
      }
    });
  }

  const ours = {
    ed25519: generatePrivateKey("ed25519"),
    nistp256: generatePrivateKey("nistp256"),
    nistp384: generatePrivateKey("nistp384"),
    nistp521: generatePrivateKey("nistp521"),
    rsa: rsaKey(2048),
  };
  for (const [name, key] of Object.entries(ours)) {
    it(`writes a ${name} key that ssh-keygen reads`, () => {
      const path = keygen.write(`ours-${name}`, encodePrivateKey(key, "alice at work"));
      assert.equal(keygen.run(["-y", "-f", path]), `${encodePublicKeyLine(key.public, "alice at work")}\n`);
    });
  }
});
