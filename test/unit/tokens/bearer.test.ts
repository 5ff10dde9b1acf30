import assert from "node:assert/strict";
import { SignJWT } from "jose";
import { generateKey } from "../../../src/keypair/index.js";
import {
  encodeSigningKey,
  generateSigningKey,
  parseSigningKey,
  signBearer,
  TokenError,
  verifyBearer,
  type TokenErrorCode,
} from "../../../src/tokens/index.js";

const nowMs = Date.UTC(2026, 10, 21, 8);
const now = nowMs / 1000;
const key = generateSigningKey();
const expected = { issuer: "bastion", nowMs };
const claims = {
  ...{ issuer: "bastion", identity: "alice", token: "5d5c3f5e", issuedAtMs: nowMs, untilMs: nowMs + 900_000 },
  commands: ["cert", "cert issue"],
};

const refuses = (code: TokenErrorCode) => (error: unknown) => {
  assert.ok(error instanceof TokenError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

describe("tokens/bearer", () => {
  const good = {
    header: { alg: "ES256", typ: "bascule+jwt" },
    body: { iss: "bastion", sub: "alice", aud: "bascule-http", jti: "x", iat: now, nbf: now, exp: now + 60 },
  };
  const forge = (header: object, body: object, by = key.privateKey) =>
    new SignJWT({ ...good.body, ...body }).setProtectedHeader({ ...good.header, ...header }).sign(by);

  it("verifies what it signed", async () => {
    assert.deepEqual(await verifyBearer(key, await signBearer(key, claims), expected), claims);
    assert.equal((await verifyBearer(key, await forge({}, {}), expected)).identity, "alice");
  });

  it("holds the very second of its end and of its beginning", async () => {
    const bearer = await signBearer(key, claims);
    await verifyBearer(key, bearer, { ...expected, nowMs: claims.untilMs - 1 });
    await assert.rejects(
      verifyBearer(key, bearer, { ...expected, nowMs: claims.untilMs }),
      refuses("expired"),
    );
    await assert.rejects(
      verifyBearer(key, bearer, { ...expected, nowMs: nowMs - 1 }),
      refuses("not-yet-valid"),
    );
  });

  const bodies: readonly (readonly [string, object, TokenErrorCode])[] = [
    ["another-bastion", { iss: "other" }, "wrong-issuer"],
    ["another-audience", { aud: "bascule" }, "wrong-audience"],
    ["no-audience", { aud: undefined }, "wrong-claims"],
    ["no-end", { exp: undefined }, "wrong-claims"],
    ["no-id", { jti: undefined }, "wrong-claims"],
    ["no-subject", { sub: undefined }, "wrong-claims"],
    ["no-beginning", { nbf: undefined }, "wrong-claims"],
    ["over-an-hour", { exp: now + 3601 }, "wrong-claims"],
    ["end-is-text", { exp: "9999999999" }, "wrong-claims"],
    ["commands-are-text", { cmd: "cert" }, "wrong-claims"],
    ["commands-are-numbers", { cmd: [1] }, "wrong-claims"],
  ];
  for (const [name, body, code] of bodies)
    it(`refuses ${name}`, async () => {
      const text = await forge({}, body).catch((error: unknown) => assert.fail(String(error)));
      await assert.rejects(verifyBearer(key, text, expected), refuses(code));
    });

  it("refuses another type, another key, and headers that point at a key or demand what we do not know", async () => {
    const stranger = generateKey("P-256");
    await assert.rejects(
      verifyBearer(key, await forge({}, {}, stranger), expected),
      refuses("wrong-signature"),
    );
    const headers = [{ typ: "JWT" }, { typ: undefined }, { jku: "https://evil.example" }];
    for (const header of headers)
      await assert.rejects(verifyBearer(key, await forge(header, {}), expected), refuses("wrong-kind"));
    const critical = await new SignJWT(good.body)
      .setProtectedHeader({ ...good.header, crit: ["exp"], exp: 1 })
      .sign(key.privateKey, { crit: { exp: true } });
    await assert.rejects(verifyBearer(key, critical, expected), refuses("wrong-kind"));
  });

  it("refuses another algorithm, be it with our public key for a secret", async () => {
    const rsa = generateKey({ rsaBits: 2048 });
    await assert.rejects(
      verifyBearer(key, await forge({ alg: "RS256" }, {}, rsa), expected),
      refuses("wrong-kind"),
    );
    const secret = Buffer.from(key.publicKey.export({ type: "spki", format: "pem" }));
    const hmac = await new SignJWT(good.body)
      .setProtectedHeader({ ...good.header, alg: "HS256" })
      .sign(secret);
    await assert.rejects(verifyBearer(key, hmac, expected), refuses("wrong-kind"));
    const [, body] = hmac.split(".");
    const none = Buffer.from(JSON.stringify({ ...good.header, alg: "none" })).toString("base64url");
    await assert.rejects(verifyBearer(key, `${none}.${body}.`, expected), refuses("malformed"));
    await assert.rejects(verifyBearer(key, `${none}.${body}.AA`, expected), refuses("wrong-kind"));
  });

  it("refuses every other spelling of a token, and any changed character", async () => {
    const bearer = await signBearer(key, claims);
    const [head = "", body = "", signature = ""] = bearer.split(".");
    const texts = [
      ...["", ".", "..", "a.b", `${bearer}.`, `${bearer}=`, ` ${bearer}`, `${head}.${body}.${signature}x`],
      ...[
        `${head}..${signature}`,
        `${head}.${body}.`,
        bearer.replace(".", ".\n"),
        `${bearer}${".".repeat(5000)}`,
      ],
    ];
    for (const text of texts)
      await assert.rejects(verifyBearer(key, text, expected), refuses("malformed"), JSON.stringify(text));
    for (let at = 0; at < bearer.length; at += 7) {
      const changed = bearer.slice(0, at) + (bearer[at] === "A" ? "B" : "A") + bearer.slice(at + 1);
      await assert.rejects(verifyBearer(key, changed, expected), TokenError);
    }
  });
});

describe("tokens/signing-key", () => {
  it("reads what it wrote", async () => {
    const again = parseSigningKey(encodeSigningKey(key));
    await verifyBearer(again, await signBearer(key, claims), expected);
  });

  it("refuses what is no such key, without repeating it", () => {
    const { x, y } = key.publicKey.export({ format: "jwk" });
    const publicOnly = JSON.stringify({ kty: "EC", crv: "P-256", x, y });
    const other = generateKey("P-384").export({ format: "jwk" });
    for (const text of ["", "null", "secret", "{}", publicOnly, JSON.stringify(other)])
      assert.throws(
        () => parseSigningKey(text),
        (error: unknown) => {
          assert.ok(error instanceof TokenError && error.code === "key-invalid", String(error));
          return !error.message.includes("secret");
        },
      );
  });
});
