import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { askHttp, type HttpAnswer } from "../harness/ask-http.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { startIssuer, type Issuer } from "../harness/issuer.js";
import { person, type Person } from "../harness/person.js";
import { makeKey, type KeyFiles } from "../harness/ssh-keys.js";

describe("e2e/http", function () {
  let issuer: Issuer;
  let bastion: Bastion;
  let port: number;
  let alice: Person;
  let carol: Person;
  /** Of the robot: the policy knows nothing of it. */
  let key: KeyFiles;

  before(async () => {
    issuer = await startIssuer([
      { id: "deploy", claims: { repository: "org/app" } },
      { id: "fork", claims: { repository: "fork/app" } },
    ]);
    const carols = await makeKey("carol");
    key = await makeKey("robot");
    const oidc = `[{ issuer: "${issuer.url}", audience: bascule, claims: { repository: org/app } }]`;
    bastion = await startBastion({
      settings: "http: 127.0.0.1:0",
      identities: [
        `  carol: { groups: [approvers], keys: ["${carols.publicLine}"] }`,
        `  robot: { groups: [robots], oidc: ${oidc} }`,
      ].join("\n"),
      roles: `  deploy:
    groups: [robots]
    targets: { env: prod }
    logins: [LOGIN]
    maxDuration: 1h
    approvals: { count: 1, from: [approvers] }
    channels: [exec]`.replace("LOGIN", userInfo().username),
      proxies: 1,
    });
    port = Number(/commands over HTTP on http:\/\/127\.0\.0\.1:(\d+)/.exec(bastion.log())?.[1]);
    alice = person(bastion, "alice", bastion.alice);
    carol = person(bastion, "carol", carols);
  });

  const run = (token: string, name: string, body?: unknown) =>
    askHttp(port, `/v1/commands/${name}`, { token, body });
  const login = (token: string) => askHttp(port, "/v1/login", { body: { token } });
  const resultOf = ({ status, body }: HttpAnswer): Record<string, unknown> => {
    assert.equal(status, 200, JSON.stringify(body));
    return body["result"] as Record<string, unknown>;
  };

  it("has a key of its own for tokens, and says where it listens", async () => {
    assert.ok(port > 0, bastion.log());
    assert.equal(statSync(join(bastion.home, "keys/tokens.jwk")).mode & 0o777, 0o600);
    const doctor = (await bastion.json(["doctor"])) as { check: string; detail: string }[];
    assert.equal(doctor.find(({ check }) => check === "http")?.detail, `http://127.0.0.1:${port}`);
  });

  it("does over HTTP what a person may, with a token that ssh gave them, and no more", async () => {
    const made = await alice.ssh(["bastion", "token", "--for", "5m", "--only", "whoami,request"]);
    assert.equal(made.status, 0, made.stderr);
    const bearer = made.stdout.toString().trim();
    assert.equal(resultOf(await run(bearer, "whoami"))["name"], "alice");
    assert.equal((await run(bearer, "grants")).status, 403);
    assert.equal((await run(bearer, "token")).status, 404);
  });

  it("lets a robot in by its issuer's token, asks, is approved, gets a certificate, and ssh -J works", async () => {
    const { status, body } = await login(await issuer.token("deploy"));
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body["identity"], "robot");
    assert.ok(
      Date.parse(String(body["expiresAt"])) <= Date.now() + 600_000,
      "no longer than the issuer's token",
    );
    const token = String(body["token"]);
    const wish = { target: ["prod"], as: [bastion.login], for: "10m", reason: "deploy 42" };
    const id = String(resultOf(await run(token, "request", wish))["id"]);
    assert.equal((await run(token, "cert", { key: key.publicLine })).status, 403, "nothing is approved yet");
    assert.equal((await run(token, "approve", { request: id })).status, 403, "nobody approves their own");
    const approved = await carol.ssh(["bastion", "approve", id]);
    assert.equal(approved.status, 0, approved.stderr);
    const { certificate } = resultOf(await run(token, "cert", { key: key.publicLine }));
    writeFileSync(key.certificatePath, `${String(certificate)}\n`);
    const there = await person(bastion, "robot", key).ssh(["prod", "echo deployed"]);
    assert.equal(there.stdout.toString(), "deployed\n", there.stderr);
  });

  it("turns away every other token with the same words", async () => {
    const tokens = [
      await issuer.token("fork"),
      await issuer.token("deploy", "somebody-else"),
      await issuer.sign({ iss: "https://issuer.example", sub: "deploy", aud: "bascule" }),
      "garbage",
    ];
    const answers = await Promise.all(tokens.map(login));
    const bearer = await run("garbage", "whoami");
    for (const { status, body } of [...answers, bearer]) assert.deepEqual([status, body], [401, bearer.body]);
  });

  it("comes back on its port when control was killed, and still knows its tokens", async () => {
    const token = String((await login(await issuer.token("deploy"))).body["token"]);
    for (const pid of bastion.pidsOf("control")) process.kill(pid, "SIGKILL");
    const until = Date.now() + 20_000;
    let answer: HttpAnswer | undefined;
    while (answer?.status !== 200 && Date.now() < until) {
      await sleep(50);
      answer = await run(token, "whoami").catch(() => undefined);
    }
    assert.ok(answer);
    assert.equal(resultOf(answer)["name"], "robot");
  });

  it("forgets a token with its identity's lock", async () => {
    const token = String((await login(await issuer.token("deploy"))).body["token"]);
    assert.equal((await run(token, "whoami")).status, 200);
    const locked = await bastion.bascule(["lock", "robot", "--reason", "a test"]);
    assert.equal(locked.status, 0, locked.stderr);
    assert.equal((await run(token, "whoami")).status, 401);
    assert.equal((await login(await issuer.token("deploy"))).status, 401);
  });

  it("ends a start with one line when its port is taken", async () => {
    const home = join(bastion.home, "../second");
    assert.equal((await bastion.bascule(["init", home])).status, 0);
    const config = join(home, "bascule.yaml");
    const text = readFileSync(config, "utf8").replace(
      /^listen: .*$/m,
      `listen: 127.0.0.1:0\nhttp: 127.0.0.1:${port}`,
    );
    writeFileSync(config, text);
    const { status, stderr } = await bastion.bascule(["serve", "--config", config]);
    assert.equal(status, 1);
    assert.match(
      stderr.trim(),
      /^bascule: cannot listen for HTTP on 127\.0\.0\.1:\d+: the port is taken[^\n]*$/,
    );
  });
});
