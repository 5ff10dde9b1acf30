/**
 * The configuration: one YAML file, read strictly. Every mistake is found in one go, and named with its place in the
 * file and what belongs there; a file with a mistake yields no configuration at all.
 *
 * Must never: guess at a value, let an unknown key pass, look at the network or at keys' private halves.
 */
export type {
  Config,
  ConfigMistake,
  DiskSettings,
  InventoryTarget,
  Limits,
  RecordingSettings,
  RequestSettings,
  UpstreamLogin,
  WebhookSettings,
} from "./config.js";
export { ConfigError, describeMistake, type ConfigErrorCode } from "./config-error.js";
export { markBytes, type DiskMark } from "./disk-mark.js";
export { configJsonSchema } from "./json-schema.js";
export { loadExamples, parseExamples } from "./load-examples.js";
export type { ExampleDenial, PolicyExample } from "./policy-example.js";
export { loadConfig, parseConfig } from "./load-config.js";
export { policyDocument } from "./policy-document.js";
export type { ConfigParsers } from "./schema.js";
export { parseSize } from "./size.js";
