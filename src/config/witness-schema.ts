import { z } from "zod";
import * as leaf from "./leaf.js";
import { isWebAddress } from "./workload-schema.js";

const URL_CHARS_MAX = 2048;

/** Each one gets every checkpoint; past this nobody gains anything. */
const WITNESSES_MAX = 16;

const KEY_EXPECTED = "a witness' verifier key: name+8 hex digits+base64, as bascule witness key prints it";

/** c2sp.org/signed-note: name, key ID, and type byte with 32 bytes of key. */
const KEY = /^[\x21-\x2a\x2c-\x7e]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/;

/** The base64 at its end. */
const MATERIAL_CHARS = 44;

const url = leaf.parsed("a URL: https, or http on this machine, without ? or #", (text) =>
  text.length <= URL_CHARS_MAX && /^[^?#]+$/.test(text) && isWebAddress(text)
    ? text.replace(/\/+$/u, "")
    : undefined,
);

/** Who is asked to cosign. `parseKey` throws for what is no verifier key of a witness. */
export function witnesses(parseKey: (text: string) => unknown = () => undefined) {
  const key = leaf.parsed(
    KEY_EXPECTED,
    (text) => {
      parseKey(text);
      return text;
    },
    KEY,
  );
  const byName = leaf.map(leaf.name, leaf.section({ url, key }), "witnesses by name");
  return byName.superRefine(checkNumber).superRefine(checkKeys);
}

function checkNumber(given: object, context: z.RefinementCtx): void {
  const message = `expected at most ${WITNESSES_MAX} witnesses`;
  if (Object.keys(given).length > WITNESSES_MAX) context.addIssue({ code: "custom", message });
}

/** One witness under two names would count as two. */
function checkKeys(
  given: Readonly<Record<string, { readonly key: string }>>,
  context: z.RefinementCtx,
): void {
  const holders = new Map<string, string>();
  for (const [name, { key }] of Object.entries(given)) {
    const material = key.slice(-MATERIAL_CHARS);
    const holder = holders.get(material);
    holders.set(material, holder ?? name);
    if (holder === undefined) continue;
    const message = `expected a key of its own; witnesses.${holder} has the same one`;
    context.addIssue({ code: "custom", path: [name, "key"], message });
  }
}
