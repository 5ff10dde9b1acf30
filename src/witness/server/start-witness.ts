import type { Signer, VerifierKey } from "../../ledger/index.js";
import { Witness } from "./witness.js";
import type { WitnessLog } from "./witness-app.js";
import type { WitnessServer } from "./witness-server.js";
import { WitnessState } from "./witness-state.js";

export interface WitnessSettings {
  readonly signer: Signer;
  readonly logs: ReadonlyMap<string, readonly VerifierKey[]>;
  /** Of the state, this witness' alone. */
  readonly folder: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly log: WitnessLog;
  readonly nowMs: () => number;
  readonly onFailure: (error: unknown) => void;
}

/** Takes the state's folder and serves. Throws WitnessError, and the system's error for a port that cannot be had. */
export async function startWitness(settings: WitnessSettings): Promise<WitnessServer> {
  const { signer, logs, folder, listen, log, nowMs, onFailure } = settings;
  const state = await WitnessState.open(folder, signer.verifier);
  try {
    for (const { head } of state.all) log.info({ origin: head.origin, size: head.size }, "cosigned before");
    const witness = new Witness({ signer, logs, state, nowMs });
    const { serveWitness } = await import("./witness-server.js"); // a bastion only asks witnesses
    const server = await serveWitness(listen, { witness, log, onFailure });
    let closed: Promise<void> | undefined;
    const close = async () => {
      await server.close();
      await state.close();
    };
    return { host: server.host, port: server.port, close: () => (closed ??= close()) };
  } catch (error) {
    await state.close();
    throw error;
  }
}
