import { writeFileSync } from "node:fs";
import { DEMO_TARGET, type DemoPerson } from "../start/demo-files.js";
import { expect } from "./report.js";
import type { Stage } from "./stage.js";

export interface TourGrant {
  readonly id: string;
  readonly untilMs: number;
}

const REASON = "INC-42 replication stuck";

/** Alice asks for the target; gives the request's id. */
export async function ask(stage: Stage, span: string): Promise<string> {
  const words = ["request", DEMO_TARGET, "--as", "demo", "--for", span, "--reason", REASON];
  const { stdout, stderr } = await stage.done("alice", ["bastion", ...words]);
  stage.report.seen(stdout + stderr);
  const request = /req-[0-9a-z]{12}/u.exec(stdout + stderr)?.[0];
  expect(request !== undefined, "the answer names no request");
  return request;
}

/** Somebody pastes the line that `requests` gives: their own ssh signs for exactly this request. */
export async function approveSigned(stage: Stage, who: DemoPerson, request: string): Promise<void> {
  const { stdout } = await stage.done(who, ["bastion", "requests"]);
  stage.report.seen(stdout);
  const name = new RegExp(`ssh (approve\\.${request}\\.[0-9a-f]{64}@bastion)`, "u").exec(stdout)?.[1];
  expect(name !== undefined, `requests gives no line to paste for ${request}`);
  const approved = await stage.done(who, ["-T", name], name);
  stage.report.seen(approved.stdout + approved.stderr);
}

/** Alice has the certificate for all that she holds put beside her key; gives the newest grant. */
export async function fetchCertificate(stage: Stage): Promise<TourGrant> {
  const { stdout, stderr } = await stage.done("alice", ["bastion", "cert"], "bastion cert > alice-cert.pub");
  writeFileSync(stage.files.aliceCertificate, stdout, { mode: 0o600 });
  stage.report.seen(stderr);
  const listed = await stage.ssh("alice", ["bastion", "grants", "--json"]);
  const grant = (JSON.parse(listed.stdout) as readonly TourGrant[]).at(-1);
  expect(grant !== undefined, "alice holds no grant");
  return grant;
}

/** Alice takes the extension that her role lets her have once. */
export async function extend(stage: Stage, grant: TourGrant, span: string): Promise<TourGrant> {
  const words = ["extend", grant.id, "--for", span, "--reason", "nearly done"];
  const { stdout, stderr } = await stage.done("alice", ["bastion", ...words]);
  stage.report.seen(stdout + stderr);
  const listed = await stage.ssh("alice", ["bastion", "show", grant.id, "--json"]);
  const { untilMs } = JSON.parse(listed.stdout) as TourGrant;
  expect(untilMs > grant.untilMs, "the grant does not last longer");
  return { id: grant.id, untilMs };
}

/** Alice asks and waits, carol approves, and the certificate comes back on stdout. */
export async function askAndWait(stage: Stage, span: string): Promise<void> {
  const words = ["request", DEMO_TARGET, "--as", "demo", "--for", span, "--reason", REASON, "--wait"];
  const coming = stage.done("alice", ["bastion", ...words], `bastion ${words.join(" ")} > alice-cert.pub`);
  coming.catch(() => undefined); // it is awaited below
  const request = await waiting(stage, "carol");
  const approved = await stage.done("carol", ["bastion", "approve", request, "--comment", "go ahead"]);
  stage.report.seen(approved.stdout + approved.stderr);
  const { stdout, stderr } = await coming;
  writeFileSync(stage.files.aliceCertificate, stdout, { mode: 0o600 });
  stage.report.seen(stderr);
}

/** Looks until a request waits for somebody. */
async function waiting(stage: Stage, who: DemoPerson): Promise<string> {
  for (let tries = 0; tries < 20; tries += 1) {
    const { stdout } = await stage.done(who, ["bastion", "requests", "--json"]);
    const [request] = JSON.parse(stdout) as readonly { id: string }[];
    if (request !== undefined) return request.id;
  }
  expect(false, `no request came to ${who}`);
}
