/** How messages are written: signed JSON of Standard Webhooks, or what Slack's incoming webhooks take. */
export type WebhookFormat = "standard" | "slack";

/** One receiver, as the configuration has it. */
export interface WebhookSettings {
  readonly name: string;
  /** https, or http on loopback. A secret as a whole: whoever has a Slack address can write there. */
  readonly url: string;
  readonly format: WebhookFormat;
  /** `whsec_` and the key in base64; `standard` needs one. */
  readonly secret?: string;
  /** Globs over news types (`request.*`); only what one of them matches is sent. */
  readonly events: readonly string[];
}
