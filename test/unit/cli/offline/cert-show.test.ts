import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  decodeCertificate,
  encodeCertificateLine,
  generatePrivateKey,
  issueCertificate,
} from "../../../../src/certificate/index.js";
import { temporaryFolder } from "../../../harness/temporary.js";

const program = fileURLToPath(new URL("../../../../src/main.js", import.meta.url));

describe("cli/offline/cert-show", function () {
  it("prints what a certificate says, also that it matches nobody's clock for ever", () => {
    const ca = generatePrivateKey("ed25519");
    const blob = issueCertificate(
      {
        ...{ key: generatePrivateKey("nistp256").public, kind: "user", serial: 7n, keyId: "alice/grt-1" },
        ...{
          principals: ["alice"],
          validAfter: 0n,
          validBefore: 0xffff_ffff_ffff_ffffn,
          nonce: Buffer.alloc(32),
        },
        criticalOptions: { sourceAddresses: ["192.0.2.0/24"] },
        extensions: ["permit-pty"],
      },
      ca,
    );
    const path = join(temporaryFolder(), "x-cert.pub");
    writeFileSync(path, `${encodeCertificateLine(decodeCertificate(blob))}\n`);
    const text = spawnSync(process.execPath, [program, "cert", "show", path], { encoding: "utf8" }).stdout;
    for (const part of [
      "user certificate, ecdsa",
      "alice/grt-1",
      "1970-01-01 00:00:00 UTC to forever",
      "source-address 192.0.2.0/24",
    ])
      assert.ok(text.includes(part), `${part} in\n${text}`);
    const shown = spawnSync(process.execPath, [program, "cert", "show", path, "--json"], {
      encoding: "utf8",
    }).stdout;
    assert.deepEqual((JSON.parse(shown) as { principals: unknown }).principals, ["alice"]);
  });
});
