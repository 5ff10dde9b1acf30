import type { Config } from "../config/index.js";
import { Webhooks } from "../webhooks/index.js";
import type { DecisionContext } from "./decision-context.js";

/** Webhooks that are told of everything written from here on. What goes wrong there is logged, and nothing more. */
export function openWebhooks({ keeper, config, clocks, log }: DecisionContext): Webhooks {
  const webhooks = new Webhooks({ log, nowMs: () => clocks.wallMs() });
  useReceivers(webhooks, config());
  keeper.watch(
    (record) => webhooks.tell(record, keeper.state, config().policy),
    (error) => log.error({ error: String(error) }, "webhooks not told"),
  );
  return webhooks;
}

/** The receivers of a configuration, from here on. */
export function useReceivers(webhooks: Webhooks, config: Config): void {
  webhooks.use(config.webhooks.values(), config.name);
}
