import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  encodePublicKeyLine,
  generatePrivateKey,
  parseCertificateLine,
  type PrivateKey,
} from "../../../src/certificate/index.js";
import { makeHome } from "../../../src/home/index.js";
import { readConfig } from "../../../src/cli/read-config.js";
import {
  Control,
  createAuthorityKeys,
  type Clocks,
  type Config,
  type ControlLog,
} from "../../../src/control/index.js";
import { loginBlob } from "../../../src/control/logins/login-proof.js";
import { encodeAuditorPublicKey, generateAuditorKey } from "../../../src/recording/index.js";
import type { SessionProof } from "../../../src/rpc/index.js";
import { closeAfterwards } from "../../harness/closing.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { FakeProxy } from "./fake-proxy.js";

/** Two clocks that a test moves. */
export class MovedClocks implements Clocks {
  wall = Date.UTC(2026, 10, 21, 8);
  monotonic = 1000;
  readonly wallMs = () => this.wall;
  readonly monotonicMs = () => this.monotonic;

  pass(ms: number): void {
    this.wall += ms;
    this.monotonic += ms;
  }
}

export const token = "a token that only ours know";
const silent: ControlLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface BenchOptions {
  readonly clocks?: Clocks;
  /** Of the role: what it gives. */
  readonly logins?: string;
  /** More of the configuration, as YAML of two blanks' depth; `KEY(name)` is the key of somebody. */
  readonly more?: MoreConfig;
}

export interface MoreConfig {
  readonly identities?: string;
  readonly roles?: string;
  /** Members of the file itself. */
  readonly top?: string;
}

/** A real control with a real ledger in a folder of its own, people with real keys, and proxies that a test speaks for. */
export class Bench {
  readonly home: string;
  readonly clocks: Clocks | undefined;
  readonly alice: PrivateKey;
  readonly bob: PrivateKey;
  control!: Control;
  readonly #keys = new Map<string, PrivateKey>();

  private constructor(home: string, clocks: Clocks | undefined) {
    this.home = home;
    this.clocks = clocks;
    this.alice = this.keyOf("alice");
    this.bob = this.keyOf("bob");
  }

  static async open({ clocks, logins = "[root, postgres]", more }: BenchOptions = {}): Promise<Bench> {
    const bench = new Bench(join(temporaryFolder("control"), "home"), clocks);
    createAuthorityKeys(makeHome(bench.home).keys);
    bench.writeConfig(logins, more);
    await bench.start();
    closeAfterwards(() => bench.control.close());
    return bench;
  }

  /** Opens control, anew after `control.close()` or `control.abandon()`. */
  async start(): Promise<void> {
    const options = { config: await this.config(), version: "test", token, log: silent };
    const onFailure = (error: unknown) => {
      throw error;
    };
    this.control = await Control.open({ ...options, ...(this.clocks && { clocks: this.clocks }), onFailure });
  }

  /** Somebody's key, always the same one. */
  keyOf(name: string): PrivateKey {
    const key = this.#keys.get(name) ?? generatePrivateKey("ed25519");
    this.#keys.set(name, key);
    return key;
  }

  config(): Promise<Config> {
    return readConfig(join(this.home, "bascule.yaml"));
  }

  /** Where the target `prod` has these logins for the role `oncall`. */
  writeConfig(logins: string, { identities = "", roles = "", top = "" }: MoreConfig = {}): void {
    const host = encodePublicKeyLine(generatePrivateKey("ed25519").public);
    const text = `home: .
recordings: ./recordings
recording:
  sealTo: { auditor: "${encodeAuditorPublicKey(generateAuditorKey())}" }
identities:
  alice: { groups: [engineers], keys: ["${encodePublicKeyLine(this.alice.public)}"] }
  bob: { groups: [engineers], keys: ["${encodePublicKeyLine(this.bob.public)}"] }
${this.#withKeys(identities)}targets:
  prod: { address: "127.0.0.1:22", hostKeys: ["${host}"], labels: { env: prod }, logins: [root, postgres] }
  lab: { address: "127.0.0.1:23", hostKeys: ["${host}"], labels: { env: lab }, logins: [root] }
roles:
  oncall:
    groups: [engineers]
    targets: { env: prod }
    logins: ${logins}
    maxDuration: 8h
    approvals: automatic
${roles}${top}`;
    writeFileSync(join(this.home, "bascule.yaml"), text, { mode: 0o600 });
  }

  #withKeys(yaml: string): string {
    return yaml.replace(/KEY\((\w+)\)/gu, (_, name: string) => encodePublicKeyLine(this.keyOf(name).public));
  }

  /** A certificate for alice as root on prod. */
  async issue(durationMs = 60_000, login = "root"): Promise<{ grant: string; serial: string; blob: Buffer }> {
    const ask = { identity: "alice", targets: ["prod"], logins: [login], durationMs };
    const issued = await this.control.grants.issue({ ...ask, reason: "a test", by: "admin@local" });
    if (!issued.ok) throw new Error(issued.reason);
    const { blob } = parseCertificateLine(issued.certificate).certificate;
    return { grant: issued.grant.id, serial: issued.serial, blob };
  }

  /** A proxy with its hello said. */
  async proxy(name = "p1"): Promise<FakeProxy> {
    const proxy = await FakeProxy.connect(this.control.paths.proxySocket);
    await proxy.hello(token, name);
    return proxy;
  }

  /** Events of the ledger, in order. */
  async history(): Promise<readonly string[]> {
    const types: string[] = [];
    for await (const { entry } of this.control.ledger.history()) types.push(entry.type);
    return types;
  }
}

let logins = 0;

/** What a proxy shows of a login: signed by `key`, in a connection of its own. */
export function prove(key: PrivateKey, blob: Buffer, user: string): SessionProof {
  const isCertificate = !blob.equals(key.public.blob);
  const algorithm = isCertificate ? "ssh-ed25519-cert-v01@openssh.com" : "ssh-ed25519";
  const sessionId = Buffer.from(`connection ${(logins += 1)}`.padEnd(32)).toString("base64");
  const unsigned = { sessionId, user, algorithm, key: blob.toString("base64"), signature: "" };
  return { ...unsigned, signature: key.sign(loginBlob(unsigned, blob)).toString("base64") };
}
