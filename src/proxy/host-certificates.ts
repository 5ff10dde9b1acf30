import {
  generateEphemeralKey,
  hostKeyWithCertificate,
  type EphemeralKey,
  type Ssh2Key,
} from "../ssh2/index.js";
import type { ControlLink } from "./control-link.js";

/** Names kept at once; an inventory is smaller, and control certifies only names that exist. */
const namesMax = 10_000;

/**
 * This process's host key under a host certificate for each name that was asked for. The key is made at start and never
 * leaves the process; control signs certificates for it, and clients trust the host CA.
 */
export class HostCertificates {
  readonly #control: ControlLink;
  readonly #key: EphemeralKey = generateEphemeralKey();
  readonly #byName = new Map<string, { hostKey: Ssh2Key; renewAtMs: number }>();

  constructor(control: ControlLink) {
    this.#control = control;
  }

  /** The host key to show as `name`. Rejects with `RpcError` when control cannot be asked or refuses the name. */
  async hostKeyFor(name: string): Promise<Ssh2Key> {
    const known = this.#byName.get(name);
    if (known && Date.now() < known.renewAtMs) return known.hostKey;
    const { certificate, renewAtMs } = await this.#control.call("certifyHostKey", {
      publicKey: this.#key.publicKey.toString("base64"),
      name,
    });
    const hostKey = hostKeyWithCertificate(this.#key, Buffer.from(certificate, "base64"));
    if (this.#byName.size >= namesMax) this.#byName.clear();
    this.#byName.set(name, { hostKey, renewAtMs });
    return hostKey;
  }

  /** After a reload names or the CA may be others. */
  forget(): void {
    this.#byName.clear();
  }
}
