import assert from "node:assert/strict";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Validator } from "@seriousme/openapi-schema-validator";
import { LOCAL_ADMIN } from "../../../src/access/index.js";
import { generateSigningKey, signBearer } from "../../../src/tokens/index.js";
import { bindHttp, HttpPortError, type HttpDoor } from "../../../src/web/index.js";
import { FAILURES_MAX } from "../../../src/web/failed-attempts.js";
import { askHttp, type HttpAsk, type HttpAnswer } from "../../harness/ask-http.js";
import { closeAfterwards } from "../../harness/closing.js";
import { Bench, MovedClocks } from "../control/bench.js";

describe("web/http", () => {
  const clocks = new MovedClocks();
  let bench: Bench;
  let door: HttpDoor;

  before(async () => {
    const roles = `  careful:
    groups: [engineers]
    targets: { env: lab }
    logins: [root]
    maxDuration: 1h
    approvals: { count: 1, from: [engineers] }
`;
    const identities =
      "  mallory: { groups: [], keys: [KEY(mallory)] }\n  adam: { groups: [platform], keys: [KEY(adam)] }\n";
    bench = await Bench.open({ clocks, more: { identities, roles, top: "admins: [platform]\n" } });
    door = await bindHttp({ host: "127.0.0.1", port: 0 });
    closeAfterwards(() => door.close());
    door.serve(bench.control);
  });

  /** From an address of its own, as limits are held by address. */
  let addresses = 0;
  const ask = (path: string, { headers, ...more }: HttpAsk = {}): Promise<HttpAnswer> => {
    const address = `198.51.100.${(addresses += 1)}`;
    return askHttp(door.port, path, { ...more, headers: { "x-forwarded-for": address, ...headers } });
  };
  const run = (token: string, name: string, body?: unknown) => ask(`/v1/commands/${name}`, { token, body });

  async function tokenOf(identity: string, commands?: readonly string[], lifeMs?: number): Promise<string> {
    const fingerprint = bench.control.policy.identities.get(identity)?.keys[0]?.fingerprint ?? "";
    const more = { ...(commands && { commands }), ...(lifeMs !== undefined && { lifeMs }) };
    const issued = await bench.control.tokens.issue({ identity, fingerprint, ...more });
    assert.ok(issued.ok, JSON.stringify(issued));
    return issued.bearer;
  }

  it("runs a command as the token's holder", async () => {
    const { status, body, headers } = await run(await tokenOf("alice"), "whoami");
    assert.equal(status, 200);
    const { ok, exit, result, notes } = body;
    assert.deepEqual({ ok, exit, notes }, { ok: true, exit: 0, notes: [] });
    assert.equal((result as { name: string }).name, "alice");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["access-control-allow-origin"], undefined);
  });

  it("asks for access and gets a certificate for a key that is given", async () => {
    const token = await tokenOf("alice", ["request", "cert"]);
    const wish = { target: ["prod"], as: ["root"], for: "5m", reason: "over HTTP" };
    const asked = await run(token, "request", wish);
    assert.equal(asked.status, 200, JSON.stringify(asked.body));
    const line = bench.control.policy.identities.get("alice")?.keys[0]?.line;
    const { status, body } = await run(token, "cert", { key: line });
    assert.equal(status, 200, JSON.stringify(body));
    assert.match(
      (body["result"] as { certificate: string }).certificate,
      /^ssh-ed25519-cert-v01@openssh\.com /,
    );
  });

  it("keeps a narrowed token to its commands", async () => {
    const token = await tokenOf("adam", ["whoami", "cert issue"]);
    assert.equal((await run(token, "whoami")).status, 200);
    assert.equal((await run(token, "cert-issue", {})).status, 400);
    const { status, body } = await run(token, "grants");
    assert.deepEqual([status, body["exit"]], [403, 77]);
  });

  const refusals: readonly (readonly [string, string, string, unknown, number, number, RegExp])[] = [
    ["an unknown argument", "alice", "whoami", { nothing: "x" }, 400, 2, /no argument "nothing"/],
    ["a number", "alice", "show", { id: 7 }, 400, 2, /^id: expected a text$/],
    ["a flag that is no flag", "alice", "sessions", { live: "yes" }, 400, 2, /^live: expected true/],
    ["a flag that is false", "alice", "sessions", { live: false }, 400, 2, /^live: expected true/],
    ["a nested list", "alice", "show", { id: [["x"]] }, 400, 2, /^id: expected a text$/],
    ["one text too many", "alice", "show", { id: ["grt-a", "grt-b"] }, 400, 2, /ID: expected it once/],
    ["a prototype's name", "alice", "whoami", '{"__proto__": "x"}', 400, 2, /no argument "__proto__"/],
    ["what is missing", "alice", "show", {}, 400, 2, /ID is missing/],
    ["a list for a body", "alice", "whoami", ["x"], 400, 2, /^body: expected a JSON object$/],
    ["no JSON", "alice", "whoami", "{", 400, 2, /^body: expected JSON$/],
    ["a key twice", "alice", "show", '{"id":"grt-a","id":"grt-b"}', 400, 2, /^body: expected each key once$/],
    ["what is not there", "alice", "show", { id: "grt-zzzz" }, 404, 4, /no grant grt-zzzz/],
    ["an admin's command", "alice", "ca-show-all", {}, 404, 4, /no such command/],
    ["a local command", "adam", "doctor", {}, 404, 4, /no such command/],
    ["making tokens of tokens", "alice", "token", {}, 404, 4, /no such command/],
    ["what is not permitted", "alice", "verify", {}, 403, 77, /for auditors only/],
    [
      "what policy does not give",
      "mallory",
      "request",
      { target: ["prod"], as: ["root"], for: "5m", reason: "x" },
      403,
      3,
      /./,
    ],
  ];
  for (const [what, who, name, body, status, exit, message] of refusals)
    it(`refuses ${what} with ${status}`, async () => {
      const answer = await run(await tokenOf(who), name, body);
      assert.deepEqual([answer.status, answer.body["ok"], answer.body["exit"]], [status, false, exit]);
      assert.match(String(answer.body["message"]), message);
    });

  it("refuses a body that is too long, or of another type", async () => {
    const token = await tokenOf("alice");
    const long = { reason: "x".repeat(65 * 1024) };
    assert.equal((await run(token, "whoami", long)).status, 413);
    const chunked = { token, body: long, headers: { "transfer-encoding": "chunked" } };
    assert.equal((await ask("/v1/commands/whoami", chunked)).status, 413);
    const short = { token, body: {}, headers: { "transfer-encoding": "chunked" } };
    assert.equal((await ask("/v1/commands/whoami", short)).status, 200);
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json; charset=latin1",
    ]) {
      const { status } = await ask("/v1/commands/whoami", {
        token,
        body: "{}",
        headers: { "content-type": type },
      });
      assert.equal(status, 415, type);
    }
  });

  it("says the same to everyone without a good token, and no more", async () => {
    const alices = bench.control.policy.identities.get("alice")?.keys[0]?.fingerprint ?? "";
    const short = await tokenOf("alice", undefined, 1000);
    const locked = await tokenOf("mallory");
    await bench.control.cuts.lock({ kind: "identity", name: "mallory" }, LOCAL_ADMIN, "a test");
    clocks.pass(1000);
    const claims = {
      issuer: "bastion",
      identity: "alice",
      issuedAtMs: clocks.wall,
      untilMs: clocks.wall + 60_000,
    };
    const { token = "" } = { token: [...bench.control.state.tokens.keys()][0] };
    const forged = await signBearer(generateSigningKey(), { ...claims, token });
    const good = await tokenOf("alice");
    const authorizations: Readonly<Record<string, string | undefined>> = {
      none: undefined,
      basic: "Basic YWxpY2U6eA==",
      empty: "Bearer ",
      garbage: "Bearer garbage",
      twice: `Bearer ${good} ${good}`,
      expired: `Bearer ${short}`,
      forged: `Bearer ${forged}`,
      cut: `Bearer ${good.slice(0, -1)}`,
      locked: `Bearer ${locked}`,
    };
    const seen = new Set<string>();
    for (const [name, authorization] of Object.entries(authorizations)) {
      const headers = authorization === undefined ? {} : { authorization };
      for (const path of ["whoami", "doctor", "nothing"]) {
        const answer = await ask(`/v1/commands/${path}`, { headers, body: { nothing: 1 } });
        assert.equal(answer.status, 401, name);
        seen.add(JSON.stringify([{ ...answer.headers, date: "" }, answer.body]));
      }
    }
    const bad = await ask("/v1/login", { body: { token: "garbage" } });
    seen.add(JSON.stringify([{ ...bad.headers, date: "" }, bad.body]));
    assert.equal(seen.size, 1, [...seen].join("\n"));
    assert.match([...seen].join(""), /"www-authenticate":"Bearer realm=\\?"bascule/);
    assert.equal((await run(good, "whoami")).status, 200);
    await bench.control.cuts.revokeCertificate({ fingerprint: alices }, LOCAL_ADMIN, "a test");
    assert.equal((await run(good, "whoami")).status, 401);
  });

  it("listens no more to an address that failed too often, and to others as before", async () => {
    const good = await tokenOf("bob");
    const headers = { "x-forwarded-for": "203.0.113.1" };
    for (let time = 0; time < FAILURES_MAX; time += 1)
      assert.equal((await ask("/v1/login", { headers, body: { token: "x" } })).status, 401);
    for (const path of ["/v1/login", "/v1/commands/whoami"]) {
      const { status, headers: said } = await ask(path, { headers, token: good, body: { token: "x" } });
      assert.equal(status, 429, path);
      assert.ok(Number(said["retry-after"]) > 0 && Number(said["retry-after"]) <= 60);
    }
    assert.equal((await run(good, "whoami")).status, 200);
  });

  it("ends what waits when the client leaves", async () => {
    const { requests } = bench.control;
    const settled = requests.settled.bind(requests);
    const signals: AbortSignal[] = [];
    requests.settled = (id, signal) => {
      signals.push(signal);
      return settled(id, signal);
    };
    const leaving = new AbortController();
    const body = { target: ["lab"], as: ["root"], for: "5m", reason: "a wait", wait: true };
    const asked = ask("/v1/commands/request", { token: await tokenOf("bob"), body, signal: leaving.signal });
    while (signals.length === 0) await sleep(5);
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false],
    );
    leaving.abort();
    await assert.rejects(asked);
    while (signals.some(({ aborted }) => !aborted)) await sleep(5);
    requests.settled = settled;
    const [open = ""] = bench.control.state.openRequests;
    assert.equal((await run(await tokenOf("bob"), "cancel", { request: open })).status, 200);
  });

  it("ends what waits with the token that asked for it", async () => {
    const token = await tokenOf("bob", undefined, 1000);
    const body = { target: ["lab"], as: ["root"], for: "5m", reason: "a wait", wait: true };
    const { status, body: said } = await ask("/v1/commands/request", { token, body });
    assert.deepEqual([status, said["exit"]], [503, 130]);
    const [open = ""] = bench.control.state.openRequests;
    assert.equal((await run(await tokenOf("bob"), "cancel", { request: open })).status, 200);
  });

  it("answers nothing but its routes", async () => {
    const token = await tokenOf("bob");
    for (const [method, path] of [
      ["GET", "/"],
      ["GET", "/v1/commands/whoami"],
      ["POST", "/v1/commands"],
      ["DELETE", "/healthz"],
      ["OPTIONS", "/v1/commands/whoami"],
    ] as const) {
      const { status, headers } = await ask(path, { method, token });
      assert.equal(status, 404, `${method} ${path}`);
      assert.equal(headers["access-control-allow-origin"], undefined);
    }
  });

  it("is healthy, and says so to anybody", async () => {
    const { status, body } = await ask("/healthz", { method: "GET" });
    assert.deepEqual([status, body], [200, { ok: true }]);
  });

  it("describes itself in OpenAPI 3.1, as what it describes is run", async () => {
    const { status, body } = await ask("/v1/openapi.json", { method: "GET" });
    assert.equal(status, 200);
    const { valid, errors } = await new Validator().validate(structuredClone(body));
    assert.ok(valid, JSON.stringify(errors));
    assert.equal(body["openapi"], "3.1.0");
    const paths = body["paths"] as Record<string, Record<string, unknown>>;
    assert.ok(paths["/v1/commands/cert-issue"] && paths["/v1/commands/request"] && paths["/v1/login"]);
    assert.equal(paths["/v1/commands/doctor"], undefined);
    assert.ok(!JSON.stringify(body).includes(bench.home));
    checkExamples(paths);
  });

  it("refuses a port that is taken in one line, and picks one for 0", async () => {
    assert.ok(door.port > 0);
    await assert.rejects(bindHttp(door), (error: unknown) => {
      assert.ok(error instanceof HttpPortError);
      assert.match(error.message, /^cannot listen for HTTP on 127\.0\.0\.1:\d+: the port is taken; [^\n]+$/);
      return true;
    });
  });

  it("closes with a client that says nothing and one that waits, who is told to come later", async () => {
    const other = await bindHttp({ host: "127.0.0.1", port: 0 });
    assert.equal((await askHttp(other.port, "/healthz", { method: "GET" })).status, 503, "too early");
    other.serve(bench.control);
    const silent = connect(other.port, "127.0.0.1");
    const wish = { target: ["lab"], as: ["root"], for: "5m", reason: "until it stops", wait: true };
    const token = await tokenOf("bob");
    const before = bench.control.state.requests.size;
    const waiting = askHttp(other.port, "/v1/commands/request", { token, body: wish });
    while (bench.control.state.requests.size === before) await sleep(5);
    await Promise.all([other.close(), other.close()]);
    const { status, body } = await waiting;
    assert.deepEqual([status, body["exit"]], [503, 130], JSON.stringify(body));
    silent.destroy();
  });
});

/** Every example is one that its schema takes: known members, of their kinds, with all that must be there. */
function checkExamples(paths: Record<string, Record<string, unknown>>): void {
  interface Body {
    content: {
      "application/json": { schema: Schema; examples: Record<string, { value: Record<string, unknown> }> };
    };
  }
  interface Schema {
    properties: Record<string, { type?: string }>;
    required?: string[];
  }
  let seen = 0;
  for (const [path, { post }] of Object.entries(paths)) {
    if (!path.startsWith("/v1/commands/")) continue;
    const { schema, examples } = (post as { requestBody: Body }).requestBody.content["application/json"];
    for (const [line, { value }] of Object.entries(examples)) {
      seen += 1;
      for (const name of schema.required ?? []) assert.ok(name in value, `${line}: ${name}`);
      for (const [name, given] of Object.entries(value)) {
        const kind = given === true ? undefined : Array.isArray(given) ? "array" : typeof given;
        assert.equal(kind, schema.properties[name]?.type, `${line}: ${name}`);
      }
    }
  }
  assert.ok(seen > 20);
}
