import type { ConfigMistake, WebhookSettings } from "./config.js";
import { mistakeAt } from "./mistakes.js";
import type { ConfigParsers, ParsedConfig } from "./schema.js";
import { readSecretFile, SecretFileError } from "./secret-file.js";
import type { YamlFile } from "./yaml-file.js";

/** The receivers with their secrets, or what is wrong with the secrets' files. `from` makes a path absolute. */
export function webhooksOf(
  { webhooks }: ParsedConfig,
  file: YamlFile,
  from: (path: string) => string,
  readSecret: NonNullable<ConfigParsers["secretFile"]> = readSecretFile,
): { readonly webhooks: ReadonlyMap<string, WebhookSettings>; readonly mistakes: readonly ConfigMistake[] } {
  const mistakes: ConfigMistake[] = [];
  const found = Object.entries(webhooks).map(([name, { url, format, events, ...given }]) => {
    const secret = given.secretFile === undefined ? given.secret : secretIn(name, given.secretFile);
    return [name, { name, url, format, events, ...(secret !== undefined && { secret }) }] as const;
  });
  return { webhooks: new Map(found), mistakes };

  function secretIn(name: string, path: string): string | undefined {
    try {
      return readSecret(from(path));
    } catch (error) {
      if (!(error instanceof SecretFileError)) throw error;
      mistakes.push(mistakeAt(["webhooks", name, "secretFile"], error.message, file));
      return undefined;
    }
  }
}
