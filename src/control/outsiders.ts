import type { Config } from "../config/index.js";
import type { ReceiverStatus, Webhooks } from "../webhooks/index.js";
import type { Witnesses, WitnessStatus } from "../witness/index.js";
import type { DecisionContext } from "./decision-context.js";
import { openWebhooks, useReceivers } from "./tell-webhooks.js";
import { openWitnesses, useWitnesses } from "./witnesses/open-witnesses.js";

/** Those elsewhere who are told of what happens, or asked to vouch for it. No decision waits for them. */
export class Outsiders {
  readonly #webhooks: Webhooks;
  readonly #witnesses: Witnesses;

  /** From here on they hear of everything that is written down. */
  constructor(context: DecisionContext) {
    this.#webhooks = openWebhooks(context);
    this.#witnesses = openWitnesses(context);
  }

  /** How the receivers of webhooks are doing. */
  get receivers(): readonly ReceiverStatus[] {
    return this.#webhooks.status;
  }

  /** How the witnesses are doing. */
  get witnesses(): readonly WitnessStatus[] {
    return this.#witnesses.status;
  }

  /** Those of another configuration. */
  use(config: Config): void {
    useReceivers(this.#webhooks, config);
    useWitnesses(this.#witnesses, config);
  }

  /** Asks nobody any more: before the ledger is closed, which an answer would be written to. */
  stopAsking(): Promise<void> {
    return this.#witnesses.close();
  }

  /** Tells what is left to tell. */
  close(): Promise<void> {
    return this.#webhooks.close();
  }
}
