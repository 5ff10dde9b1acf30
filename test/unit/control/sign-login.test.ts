import assert from "node:assert/strict";
import { join } from "node:path";
import type { SessionState } from "../../../src/access/index.js";
import { generatePrivateKey, verifySignature } from "../../../src/certificate/index.js";
import type { InventoryTarget } from "../../../src/config/index.js";
import { ControlError, writeKeyFile } from "../../../src/control/index.js";
import { loginBlob } from "../../../src/control/logins/login-proof.js";
import { signLogin } from "../../../src/control/sessions/sign-login.js";
import { temporaryFolder } from "../../harness/temporary.js";

const key = generatePrivateKey("ed25519");
const session = { login: "root" } as SessionState;

function targetWith(login: InventoryTarget["login"]): InventoryTarget {
  return {
    name: "old",
    address: { host: "192.0.2.1", port: 22 },
    hostKeys: [],
    labels: {},
    logins: ["root"],
    login,
  };
}

function keyTarget(): InventoryTarget {
  const path = join(temporaryFolder(), "key");
  writeKeyFile(path, key, "old");
  return targetWith({ kind: "key", path });
}

function blobFor(user: string, algorithm = "ssh-ed25519", shown = key.public.blob): Buffer {
  const sessionId = Buffer.alloc(32, 7).toString("base64");
  return loginBlob({ sessionId, user, algorithm, key: shown.toString("base64"), signature: "" }, shown);
}

function refused(run: () => unknown): void {
  assert.throws(run, (error) => error instanceof ControlError && error.code === "login-blob-refused");
}

describe("control/sign-login", () => {
  it("signs the session's own login", () => {
    const data = blobFor("root");
    const signature = signLogin(session, keyTarget(), data);
    assert.ok(verifySignature(key.public, "ssh-ed25519", signature, data).ok);
  });

  const other = generatePrivateKey("ed25519").public.blob;
  for (const [row, data] of [
    ["another login", blobFor("postgres")],
    ["another key", blobFor("root", "ssh-ed25519", other)],
    ["another algorithm", blobFor("root", "rsa-sha2-512")],
    ["bytes after the login", Buffer.concat([blobFor("root"), Buffer.of(0)])],
    ["a login cut short", blobFor("root").subarray(0, -1)],
    ["nothing", Buffer.alloc(0)],
  ] as const) {
    it(`refuses ${row}`, () => refused(() => signLogin(session, keyTarget(), data)));
  }

  it("refuses for a target that is logged in to by certificate", () => {
    refused(() => signLogin(session, targetWith({ kind: "certificate" }), blobFor("root")));
  });
});
