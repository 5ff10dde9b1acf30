import type { AccessEvent } from "../../access/index.js";
import type { Config } from "../../config/index.js";
import { parseVerifierKey, proveConsistency } from "../../ledger/index.js";
import { Witnesses, type Refusing } from "../../witness/index.js";
import type { DecisionContext } from "../decision-context.js";
import { WitnessEntries } from "./witness-entries.js";

/**
 * Witnesses that are asked about each checkpoint from here on. Nothing waits for them; what they say is kept with the
 * ledger when it is verified, and their keys before it.
 */
export function openWitnesses({ keeper, config, clocks, log }: DecisionContext): Witnesses {
  const { proof } = keeper;
  const entries = new WitnessEntries();
  const note = async (entry: AccessEvent | undefined): Promise<void> => {
    if (entry !== undefined) await keeper.record(entry);
  };
  const noteRefusal = async (refusing: Refusing): Promise<void> => {
    const entry = entries.refused(refusing, clocks.monotonicMs());
    // its time can be proven only by who has its key
    if (entry !== undefined && refusing.signature !== undefined) await proof.addVerifier(refusing.key);
    await note(entry);
  };
  const witnesses = new Witnesses({
    log,
    nowMs: () => clocks.wallMs(),
    prove: (oldSize, size) => proveConsistency(proof.tiles, oldSize, size),
    onCosigned: async (cosigning) => {
      const { key, text, signature } = cosigning;
      await proof.addVerifier(key);
      if (await proof.addCosignatures(text, [signature]))
        await note(entries.cosigned(cosigning, clocks.monotonicMs()));
    },
    onRefused: (refusing) => {
      noteRefusal(refusing).catch((error: unknown) =>
        log.error({ witness: refusing.witness, error: String(error) }, "refusal of a witness not recorded"),
      );
    },
  });
  useWitnesses(witnesses, config());
  keeper.watchCheckpoints((checkpoint) => witnesses.offer(checkpoint));
  return witnesses;
}

/** The witnesses of a configuration, from here on. */
export function useWitnesses(witnesses: Witnesses, { witnesses: wanted }: Config): void {
  witnesses.use(
    [...wanted.values()].map(({ name, url, key }) => ({ name, url, key: parseVerifierKey(key) })),
  );
}
