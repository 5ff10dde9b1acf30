import assert from "node:assert/strict";
import { decodeJwt, SignJWT, UnsecuredJWT } from "jose";
import { generateKey } from "../../../src/keypair/index.js";
import {
  IssuerKeys,
  TokenError,
  verifyWorkload,
  type KnownWorkload,
  type TokenErrorCode,
} from "../../../src/tokens/index.js";
import { startIssuer, type Issuer } from "../../harness/issuer.js";

describe("tokens/workload, by a real OIDC provider", () => {
  let issuer: Issuer;
  let known: readonly KnownWorkload[];
  /** One for all the refusals: an issuer that is well is asked for its documents once. */
  let keys: IssuerKeys;

  before(async () => {
    issuer = await startIssuer([
      { id: "deploy", claims: { repository: "org/app", ref_protected: true } },
      { id: "other", claims: { repository: "org/other", ref_protected: true } },
      { id: "both", claims: { repository: "org/app", ref_protected: false, twice: "yes" } },
    ]);
    const base = { issuer: issuer.url, audience: "bascule" };
    known = [
      { ...base, identity: "robot", claims: { repository: "org/app", ref_protected: "true" } },
      { ...base, identity: "robot", audience: "elsewhere", claims: { repository: "org/other" } },
      { ...base, identity: "twin-a", claims: { twice: "yes" } },
      { ...base, identity: "twin-b", claims: { twice: "yes" } },
      { ...base, identity: "nobody", claims: {} },
    ];
    keys = new IssuerKeys();
  });

  const verify = (token: string, nowMs = Date.now(), own = keys) => verifyWorkload(token, known, own, nowMs);
  const refuses = (code: TokenErrorCode) => (error: unknown) => {
    assert.ok(error instanceof TokenError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  };

  it("knows whom a token of its token endpoint is for", async () => {
    const token = await issuer.token("deploy");
    const { identity, subject, issuer: url, untilMs } = await verify(token);
    assert.deepEqual({ identity, subject, url }, { identity: "robot", subject: "deploy", url: issuer.url });
    assert.equal(untilMs, (decodeJwt(token).exp ?? 0) * 1000);
  });

  it("fetches discovery and keys once for many tokens", async () => {
    const own = new IssuerKeys();
    issuer.asked.clear();
    const tokens = await Promise.all(["deploy", "deploy", "deploy"].map((client) => issuer.token(client)));
    await Promise.all(tokens.map((token) => verify(token, Date.now(), own)));
    await verify(tokens[0] ?? "", Date.now(), own);
    assert.equal(issuer.asked.get("/.well-known/openid-configuration"), 1);
    assert.equal(issuer.asked.get("/jwks"), 1);
  });

  it("refuses another audience, and another workload's audience for these claims", async () => {
    await assert.rejects(verify(await issuer.token("deploy", "somebody-else")), refuses("wrong-audience"));
    await assert.rejects(verify(await issuer.token("deploy", "elsewhere")), refuses("wrong-claims"));
  });

  it("refuses claims that are not all equal, and a token that fits two identities", async () => {
    await assert.rejects(verify(await issuer.token("other")), refuses("wrong-claims"));
    await assert.rejects(verify(await issuer.token("both")), refuses("ambiguous"));
  });

  it("refuses a token before and after its time, but for a small skew", async () => {
    const token = await issuer.token("deploy");
    const { exp = 0, iat = 0, ...claims } = decodeJwt(token);
    await assert.rejects(verify(token, (exp + 31) * 1000), refuses("expired"));
    await verify(token, (exp + 29) * 1000);
    const later = await issuer.sign({ ...claims, iat, exp, nbf: iat + 60 });
    await assert.rejects(verify(later, iat * 1000), refuses("not-yet-valid"));
    await verify(later, (iat + 31) * 1000);
  });

  it("refuses a token that lacks what every token has", async () => {
    const claims = decodeJwt(await issuer.token("deploy"));
    await verify(await issuer.sign(claims));
    for (const name of ["exp", "iat", "sub", "aud"]) {
      const rest = { ...claims, [name]: undefined };
      await assert.rejects(verify(await issuer.sign(rest)), refuses("wrong-claims"), name);
    }
  });

  it("never fetches from an issuer that the policy does not name", async () => {
    const stranger = await startIssuer([{ id: "deploy", claims: { repository: "org/app" } }]);
    const token = await stranger.token("deploy");
    stranger.asked.clear();
    await assert.rejects(verify(token), refuses("wrong-issuer"));
    await assert.rejects(
      verify(await stranger.sign({ ...decodeJwt(token), iss: `${issuer.url}/` })),
      refuses("wrong-issuer"),
    );
    assert.equal(stranger.asked.size, 0);
  });

  it("refuses a stranger's signature, be it under a key's own name", async () => {
    const claims = decodeJwt(await issuer.token("deploy"));
    const privateKey = generateKey({ rsaBits: 2048 });
    const forged = (kid: string) =>
      new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);
    await assert.rejects(verify(await forged("key-1")), refuses("wrong-signature"));
    await assert.rejects(verify(await forged("key-9")), refuses("no-key"));
  });

  it("refuses none, and an HMAC made with the public key", async () => {
    const claims = decodeJwt(await issuer.token("deploy"));
    const unsecured = new UnsecuredJWT(claims).encode();
    await assert.rejects(verify(unsecured), refuses("malformed"));
    await assert.rejects(verify(`${unsecured}AA`), refuses("wrong-kind"));
    const pem = Buffer.from(issuer.publicKey().export({ type: "spki", format: "pem" }));
    for (const header of [{ alg: "HS256" }, { alg: "HS256", kid: "key-1" }])
      await assert.rejects(
        verify(await new SignJWT(claims).setProtectedHeader(header).sign(pem)),
        refuses("wrong-kind"),
      );
  });

  it("refuses other kinds of token, and headers that bring or name a key", async () => {
    const claims = decodeJwt(await issuer.token("deploy"));
    const jwk = issuer.publicKey().export({ format: "jwk" });
    const headers = [
      ...[{ typ: "logout+jwt" }, { typ: "bascule+jwt" }, { jku: `${issuer.url}/jwks` }, { jwk }],
      ...[{ x5u: `${issuer.url}/x` }, { x5c: [] }],
    ];
    for (const header of headers)
      await assert.rejects(
        verify(await issuer.sign(claims, header)),
        refuses("wrong-kind"),
        JSON.stringify(header),
      );
  });

  it("follows a rotation of keys, and no longer takes the old one", async () => {
    const own = new IssuerKeys({ cooldownMs: 0 });
    const before = await issuer.token("deploy");
    await verify(before, Date.now(), own);
    await issuer.rotate();
    await verify(await issuer.token("deploy"), Date.now(), own);
    await assert.rejects(verify(before, Date.now(), own), refuses("no-key"));
  });

  describe("when the issuer's address answers with something else", () => {
    const cases: Readonly<
      Record<string, (url: string) => { status: number; body: string; location?: string }>
    > = {
      "another-issuer": (url) => ({
        status: 200,
        body: JSON.stringify({ issuer: `${url}/x`, jwks_uri: `${url}/jwks` }),
      }),
      "keys-elsewhere-without-tls": (url) => ({
        status: 200,
        body: JSON.stringify({ issuer: url, jwks_uri: "http://192.0.2.1/jwks" }),
      }),
      "keys-in-a-file": (url) => ({
        status: 200,
        body: JSON.stringify({ issuer: url, jwks_uri: "file:///etc/passwd" }),
      }),
      redirect: (url) => ({ status: 302, body: "", location: `${url}/elsewhere` }),
      "not-json": () => ({ status: 200, body: "<html>" }),
      "too-long": () => ({ status: 200, body: `"${"x".repeat(300 * 1024)}"` }),
      "status-500": () => ({ status: 500, body: "{}" }),
    };
    for (const [name, answer] of Object.entries(cases))
      it(`refuses ${name}, and does not ask again at once`, async () => {
        const token = await issuer.token("deploy");
        const own = new IssuerKeys();
        issuer.asked.clear();
        issuer.answerInstead((_incoming, outgoing) => {
          const { status, body, location } = answer(issuer.url);
          outgoing.writeHead(status, { "content-type": "application/json", ...(location && { location }) });
          outgoing.end(body);
        });
        try {
          await assert.rejects(verify(token, Date.now(), own), refuses("issuer-unreachable"));
          await assert.rejects(verify(token, Date.now(), own), refuses("issuer-unreachable"));
        } finally {
          issuer.answerInstead();
        }
        assert.deepEqual([...issuer.asked], [["/.well-known/openid-configuration", 1]]);
      });
  });
});
