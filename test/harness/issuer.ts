import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, importJWK, SignJWT, type JWTPayload } from "jose";
import type { Configuration, Provider } from "oidc-provider";
import { generateKey } from "../../src/keypair/index.js";
import { closeAfterwards } from "./closing.js";

/** A workload's client at the issuer, with what its tokens claim beside the usual. */
export interface IssuerClient {
  readonly id: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A real OIDC provider on loopback: its own discovery document, key set and token endpoint. */
export interface Issuer {
  readonly url: string;
  /** Requests that came in, by path. */
  readonly asked: Map<string, number>;
  /** A JWT access token for `audience`, out of the token endpoint. */
  token(client: string, audience?: string): Promise<string>;
  /** What its own key makes of any claims. */
  sign(claims: JWTPayload, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Its public key. */
  readonly publicKey: () => KeyObject;
  /** Goes on with a new key only. */
  rotate(): Promise<void>;
  /** Answers in the provider's place. */
  answerInstead(answer?: (incoming: IncomingMessage, outgoing: ServerResponse) => void): void;
}

const SECRET = "a-secret-of-a-workload-in-a-test";

/** Starts it; it is closed after the test or suite. */
export async function startIssuer(clients: readonly IssuerClient[]): Promise<Issuer> {
  const asked = new Map<string, number>();
  let answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void = () => undefined;
  let instead: typeof answer | undefined;
  const server = createServer((incoming, outgoing) => {
    const { pathname } = new URL(incoming.url ?? "", "http://issuer");
    asked.set(pathname, (asked.get(pathname) ?? 0) + 1);
    outgoing.shouldKeepAlive = false; // a client's idle connection would outlive the test
    (instead ?? answer)(incoming, outgoing);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  closeAfterwards(
    () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let key = await newKey(1);
  let keys = 1;
  const begin = async () => {
    const handle = (await provider(url, clients, key.jwk)).callback();
    answer = (incoming, outgoing) => void handle(incoming, outgoing);
  };
  await begin();
  return {
    url,
    asked,
    token: (client, audience = "bascule") => askToken(url, client, audience),
    sign: async (claims, header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: key.kid, ...header })
        .sign(await importJWK(key.jwk, "RS256")),
    publicKey: () => key.publicKey,
    rotate: async () => {
      key = await newKey((keys += 1));
      await begin();
    },
    answerInstead: (other) => (instead = other),
  };
}

async function newKey(
  number: number,
): Promise<{ kid: string; jwk: JsonWebKey & { kty: string }; publicKey: KeyObject }> {
  const privateKey = generateKey({ rsaBits: 2048 });
  const kid = `key-${number}`;
  const jwk = { ...(await exportJWK(privateKey)), kty: "RSA", kid, alg: "RS256", use: "sig" };
  return { kid, jwk, publicKey: createPublicKey(privateKey) };
}

async function provider(
  url: string,
  clients: readonly IssuerClient[],
  jwk: JsonWebKey & { kty: string },
): Promise<Provider> {
  const said = [console.info, console.warn] as const;
  [console.info, console.warn] = [() => undefined, () => undefined]; // that it is a development setup
  try {
    const { default: OidcProvider } = await import("oidc-provider");
    return new OidcProvider(url, settings(clients, jwk));
  } finally {
    [console.info, console.warn] = said;
  }
}

function settings(clients: readonly IssuerClient[], jwk: JsonWebKey & { kty: string }): Configuration {
  return {
    clients: clients.map(({ id }) => ({
      ...{ client_id: id, client_secret: SECRET, grant_types: ["client_credentials"] },
      ...{ redirect_uris: [], response_types: [] },
    })),
    jwks: { keys: [jwk] },
    cookies: { keys: ["only in a test"] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx: unknown, resource: string) => ({
          ...{ scope: "", audience: resource.replace("urn:audience:", "") },
          ...{ accessTokenFormat: "jwt", accessTokenTTL: 600, jwt: { sign: { alg: "RS256" } } },
        }),
      },
    },
    extraTokenClaims: (_ctx: unknown, token: { clientId?: string | undefined }) =>
      clients.find(({ id }) => id === token.clientId)?.claims,
    ttl: { ClientCredentials: 600 },
  };
}

async function askToken(url: string, client: string, audience: string): Promise<string> {
  const response = await fetch(`${url}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${client}:${SECRET}`).toString("base64")}` },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      resource: `urn:audience:${audience}`,
    }),
  });
  const body = (await response.json()) as { access_token?: string };
  if (body.access_token === undefined) throw new Error(`no token: ${JSON.stringify(body)}`);
  return body.access_token;
}
