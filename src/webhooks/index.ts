/**
 * Webhooks: tells people, by HTTP, what happened: requests, decisions, grants, break-glass, cuts, locks and failed recorders.
 * A receiver gets signed JSON (Standard Webhooks) or a Slack message, in order, retried with back-off, within bounds.
 *
 * Must never: be waited for by a decision, throw into whoever tells it, tell anything twice after a restart, follow a
 * redirect, believe or keep an answer's content, or let a secret or a whole address into a log or a status.
 */
export type { WebhookFormat, WebhookSettings } from "./webhook-settings.js";
export type { ReceiverStatus } from "./receiver.js";
export { Webhooks, type WebhooksOptions } from "./webhooks.js";
